#[=======================================================================[.rst:
kovet_package
-------------

Packages of what ``kovet_install`` installs::

  kovet_package([TARGETS <target>...] [PROJECT <name>] [GENERATORS DEB RPM]
    [VERSION <version>] [MAINTAINER "<name> <mail>"] [SUMMARY <text>] [LICENSE <id>]
    [DKMS] [DKMS_SOURCES <file>...])

Call it after ``kovet_install``. The target ``<project>-packages`` makes them all,
in ``packages/`` of the top binary folder:

* ``<project>-modules-<release>`` (DEB) and ``kmod-<project>-<release>`` (RPM), one
  for each kernel: the modules, with scripts that run ``depmod`` for that release
  and do nothing else. It depends on the kernel's own package, and on those of the
  modules that LINK_MODULES names, where ``kovet_package`` made them.
* ``<project>-modules-common`` (DEB) and ``<project>-kmod-common`` (RPM): the
  configuration, marked as such, and the CMake package. Every other package of the
  project depends on it, the DKMS package where anything is configured.

Each module is validated against the kernel its package names while it is packed.
Beside each package of modules a provenance report, ``<package>.provenance.json``,
binds the digests of its modules to the validation (an in-toto statement);
``kovet check --provenance`` verifies it. The report is not signed: who may not trust
the way it came by signs it with the package.

``TARGETS``
  The same as in ``kovet_install``; default: all of them. Modules of the project
  that are installed and not named here are an error.
``PROJECT``
  As in ``kovet_install``; default: ``PROJECT_NAME``.
``GENERATORS``
  ``DEB``, ``RPM`` or both; default: those whose tools are installed.
``VERSION``, ``SUMMARY``, ``MAINTAINER``
  Default: the project's version, its description, and ``DEBFULLNAME`` with
  ``DEBEMAIL`` from the environment.
``LICENSE``
  The SPDX name that the packages give; default: ``GPL-2.0-only``.
``DKMS``
  Also ``<project>-dkms``, a package of sources that DKMS builds for each kernel: of
  ``kovet_add_module`` those that are declared, and the files of the project that they
  were compiled with here; of ``kovet_add_kbuild_project`` its SOURCE_DIR, built as it
  is declared. One package has modules of one of the two kinds. It needs no Kovet on that machine; with Kovet there, each module is validated, with the
  options that are configured for it. What ``kovet_install`` configures is in the
  common package, which it depends on, so that both kinds share it. Where both are
  installed for one kernel there are two copies of each module, and only the order of
  folders decides (``kovet host <module>`` tells); install one of them. Modules that DKMS
  builds are signed by DKMS, with its own key, not with ``KOVET_SIGN_KEY``.
``DKMS_SOURCES``
  Files that the DKMS package needs besides: headers that are included for other
  kernels only.
#]=======================================================================]
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_parsed.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_dkms_source.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_fail.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_package_kernel.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_templates.cmake")

function(kovet_package)
  set(function kovet_package)
  set(single PROJECT VERSION MAINTAINER SUMMARY LICENSE)
  set(multi TARGETS GENERATORS DKMS_SOURCES)
  cmake_parse_arguments(PARSE_ARGV 0 arg "DKMS" "${single}" "${multi}")
  kovet_check_parsed(${function} "${PROJECT_NAME}" REQUIRED SINGLE ${single} MULTI ${multi} DKMS)
  set(project "${PROJECT_NAME}")
  if(DEFINED arg_PROJECT)
    set(project "${arg_PROJECT}")
  endif()
  get_property(ones GLOBAL PROPERTY KOVET_TARGETS_OF_${project})
  get_property(releases GLOBAL PROPERTY KOVET_RELEASES_OF_${project})
  if(NOT ones)
    kovet_fail(${function} "${project} installs no modules, so there is nothing to package"
      "call kovet_install(TARGETS ...) before kovet_package")
  endif()
  if(DEFINED arg_TARGETS)
    set(named "")
    foreach(target IN LISTS arg_TARGETS)
      if(NOT TARGET "${target}")
        kovet_fail(${function} "there is no target ${target}" "name targets of kovet_add_module")
      endif()
      get_target_property(parts "${target}" KOVET_TARGETS)
      list(APPEND named ${parts})
    endforeach()
    foreach(one IN LISTS named)
      if(NOT one IN_LIST ones)
        kovet_fail(${function} "${one} is not installed by project ${project}" "name it in kovet_install too")
      endif()
    endforeach()
    foreach(one IN LISTS ones)
      if(NOT one IN_LIST named)
        kovet_fail(${function} "${one} is installed, but not named in TARGETS"
          "name it, or install it under another PROJECT")
      endif()
    endforeach()
  endif()

  set(version "${PROJECT_VERSION}")
  if(DEFINED arg_VERSION)
    set(version "${arg_VERSION}")
  endif()
  if(NOT version MATCHES "^[0-9][A-Za-z0-9.+~]*$")
    kovet_fail(${function} "'${version}' is no version of a package" "VERSION 1.0, or project(... VERSION 1.0)")
  endif()
  set(summary "${PROJECT_DESCRIPTION}")
  if(DEFINED arg_SUMMARY)
    set(summary "${arg_SUMMARY}")
  endif()
  if(summary STREQUAL "")
    set(summary "Kernel modules of ${project}")
  endif()
  set(maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
  if(DEFINED arg_MAINTAINER)
    set(maintainer "${arg_MAINTAINER}")
  endif()
  if(NOT maintainer MATCHES "[^ ]+ <[^ ]+@[^ ]+>")
    kovet_fail(${function} "nobody is named as the maintainer"
      "MAINTAINER \"Name <name@example.org>\", or set DEBFULLNAME and DEBEMAIL")
  endif()
  set(license GPL-2.0-only)
  if(DEFINED arg_LICENSE)
    set(license "${arg_LICENSE}")
  endif()
  kovet_package_generators(${function} generators ${arg_GENERATORS})

  string(TOLOWER "${project}" base)
  string(REPLACE "_" "-" base "${base}")
  get_property(owner GLOBAL PROPERTY "KOVET_PACKAGED_AS_${base}")
  if(owner)
    kovet_fail(${function} "the packages of ${project} would have the names of those of ${owner}: ${base}-modules-..."
      "call kovet_package once for each project, and give kovet_install another PROJECT where two differ in case, '-' and '_' alone")
  endif()
  set_property(GLOBAL PROPERTY "KOVET_PACKAGED_AS_${base}" "${project}")
  set_target_properties(${ones} PROPERTIES KOVET_PACKAGE "${base}")
  add_custom_target("${project}-packages")
  foreach(release IN LISTS releases)
    kovet_package_kernel("${release}")
  endforeach()
  kovet_package_common()
  if(arg_DKMS)
    kovet_dkms_source("${ones}" "${arg_DKMS_SOURCES}")
  endif()
endfunction()
