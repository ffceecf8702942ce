#[=======================================================================[.rst:
kovet_add_kbuild_project
------------------------

An existing driver with its own Kbuild file or Makefile, as a target; nothing in
its source folder is changed::

  kovet_add_kbuild_project(<target> SOURCE_DIR <folder> MODULES <name>...
    [SUBDIRS <folder>...] [MAKE_ARGS <argument>...] [GOALS <goal>...]
    [CONFIGURE_COMMAND <command> <argument>...] [COPY <file>...] [MIRROR]
    [DEPENDS <file>...] [LINK_MODULES <target>...] [KERNELS <kernel>...]
    [POLICY build|load] [WAIVERS <file>])

Kbuild works in a mirror of the source folder, below the binary folder: its
folders are real, linked ones too, its files are links. Where the kernel's make can write a
driver's outputs elsewhere by itself (``MO=``, since Linux 6.13; its Makefile is
looked at), it does so, and no mirror is made; unless the driver has a
``CONFIGURE_COMMAND``, ``COPY``, outputs of an earlier build in its source folder,
or makefiles that write there. As with ``kovet_add_module``, the modules
are published only after ``kovet check`` accepted all of them, the next build is
a no-op, and an edit of a source, a header, a Makefile, a file that a Makefile names
(``$(shell cat VERSION)``), or a new file runs Kbuild again, which compiles what
depends on it.

``SOURCE_DIR``
  The driver's top folder: everything that its build reads by relative paths. Build
  folders of CMake inside it (those with a ``CMakeCache.txt``) are left out.
``MODULES``
  The modules to publish, without ``.ko``, wherever below the folder make leaves
  them; with a folder (``drivers/dahdi``) where two have the same name.
``SUBDIRS``
  The folders, relative to ``SOURCE_DIR``, that hold the Kbuild file or Makefile
  to build, in this order; each sees the symbols that those before it export.
  Default: ``SOURCE_DIR`` itself.
``MAKE_ARGS``
  More arguments for make, for example ``CONFIG_FOO=m``. ``<SOURCE_DIR>`` in them
  stands for the folder that Kbuild reads (the mirror, or with ``MO=`` the source
  folder), ``<KERNEL>`` for the kernel's build directory, ``<RELEASE>`` for its
  release. Arguments that the driver's own Makefile gives to Kbuild belong here.
``GOALS``
  Default: ``modules``.
``CONFIGURE_COMMAND``
  Run in the mirror before make whenever the rule runs, for example to write a
  header. The same placeholders work. It should leave a file alone that would not
  change.
``COPY``
  Files, relative to ``SOURCE_DIR``, that the driver's build writes over: they are
  copied into the mirror instead of linked.
``MIRROR``
  Make the mirror for every kernel: for a driver whose build is found to write into
  its source folder.
``DEPENDS``
  Other files whose change runs the rule: what only scripts read.

Everything else, properties and variables too, is as in ``kovet_add_module``.
#]=======================================================================]
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_add_targets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_inputs.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_parsed.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_repeated.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_target_name.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_validation.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_extmod_output.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_resolve_sources.cmake")

function(kovet_add_kbuild_project target)
  set(function kovet_add_kbuild_project)
  set(single SOURCE_DIR POLICY WAIVERS)
  set(multi MODULES SUBDIRS MAKE_ARGS GOALS CONFIGURE_COMMAND COPY DEPENDS LINK_MODULES KERNELS)
  cmake_parse_arguments(PARSE_ARGV 1 arg "MIRROR" "${single}" "${multi}")
  kovet_check_source_folder(${function})
  kovet_check_target_name(${function} "${target}")
  kovet_check_parsed(${function} "${target}" REQUIRED SOURCE_DIR MODULES SINGLE ${single} MULTI ${multi} MIRROR)
  kovet_check_repeated(${function} "${target}" "${single}" ${ARGN})
  kovet_check_validation(${function} "${target}" policy waivers)
  get_filename_component(project "${arg_SOURCE_DIR}" ABSOLUTE)
  if(NOT IS_DIRECTORY "${project}")
    kovet_fail(${function} "${target}: there is no folder ${project}" "correct SOURCE_DIR")
  endif()
  # kovet_project_files() leaves a build folder inside out.
  cmake_path(IS_PREFIX project "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE inside)
  cmake_path(IS_PREFIX project "${CMAKE_BINARY_DIR}" NORMALIZE all_inside)
  if(inside AND (NOT all_inside OR CMAKE_BINARY_DIR STREQUAL project))
    kovet_fail(${function}
      "${target}: SOURCE_DIR is in the binary folder ${CMAKE_BINARY_DIR}, and contains ${CMAKE_CURRENT_BINARY_DIR}: the mirror would contain itself"
      "configure into another folder: cmake -S . -B build; or name the driver's own subfolder as SOURCE_DIR")
  endif()
  set(subdirs ".")
  if(arg_SUBDIRS)
    set(subdirs ${arg_SUBDIRS})
  endif()
  foreach(subdir IN LISTS subdirs)
    if(IS_ABSOLUTE "${subdir}" OR subdir MATCHES "(^|/)[.][.](/|$)")
      kovet_fail(${function} "${target}: SUBDIRS names ${subdir}, which is not a folder inside ${project}"
        "name folders relative to SOURCE_DIR, and as SOURCE_DIR one that holds all of them")
    endif()
    if(NOT EXISTS "${project}/${subdir}/Kbuild" AND NOT EXISTS "${project}/${subdir}/Makefile"
       AND NOT arg_CONFIGURE_COMMAND)
      kovet_fail(${function} "${target}: neither Kbuild nor Makefile is in ${project}/${subdir}"
        "name the folders that have one: SUBDIRS <folder>...")
    endif()
  endforeach()
  set(names "")
  foreach(module IN LISTS arg_MODULES)
    if(NOT module MATCHES "^([A-Za-z0-9_.-]+/)*[A-Za-z0-9_][A-Za-z0-9_-]*$")
      kovet_fail(${function} "${target}: '${module}' cannot be the name of a module"
        "MODULES takes names without .ko, with a folder relative to SOURCE_DIR where needed")
    endif()
    get_filename_component(name "${module}" NAME)
    if(name IN_LIST names)
      kovet_fail(${function} "${target}: MODULES names ${name} twice"
        "keep one; of two modules with the same name only one can be loaded")
    endif()
    list(APPEND names "${name}")
  endforeach()
  foreach(file IN LISTS arg_COPY)
    if(NOT EXISTS "${project}/${file}")
      kovet_fail(${function} "${target}: COPY names ${file}, which is not in ${project}"
        "correct the name; files that the build makes anew need no COPY")
    endif()
  endforeach()
  kovet_resolve_files(${function} "${target}" depends ${arg_DEPENDS})
  # One argument to the end, although lists are made of it on the way.
  string(REPLACE "\\;" "$<SEMICOLON>" arg_MAKE_ARGS "${arg_MAKE_ARGS}")
  set(goals modules)
  if(arg_GOALS)
    set(goals ${arg_GOALS})
  endif()
  # What MO= cannot do, whatever the driver's makefiles are.
  set(mirror "")
  if(arg_MIRROR)
    set(mirror "as MIRROR says")
  elseif(arg_CONFIGURE_COMMAND)
    set(mirror "for CONFIGURE_COMMAND")
  elseif(arg_COPY)
    set(mirror "for COPY")
  else()
    kovet_needs_mirror("${project}" "${subdirs}" mirror makefiles)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${makefiles})
  endif()
  kovet_add_targets(${function} "${target}" "${arg_KERNELS}" COLLECT
    PROJECT "${project}" MIRROR "${mirror}" MODULES ${arg_MODULES} SYMVERS "${target}.symvers" POLICY ${policy} WAIVERS "${waivers}"
    LINK_MODULES ${arg_LINK_MODULES} FOLDERS ${subdirs} GOALS ${goals}
    MAKE_ARGS ${arg_MAKE_ARGS} DEPENDS ${depends}
    SETTINGS "set(kind project)
set(project [==[${project}]==])
set(copied [==[${arg_COPY}]==])
set(configure_command [==[${arg_CONFIGURE_COMMAND}]==])")
  # For kovet_package(DKMS).
  get_target_property(parts "${target}" KOVET_TARGETS)
  set_target_properties(${parts} PROPERTIES KOVET_DRIVER "${target}" KOVET_DRIVER_DIR "${project}"
    KOVET_DRIVER_FOLDERS "${subdirs}" KOVET_DRIVER_MODULES "${arg_MODULES}" KOVET_DRIVER_GOALS "${goals}"
    KOVET_DRIVER_MAKE_ARGS "${arg_MAKE_ARGS}" KOVET_DRIVER_CONFIGURE "${arg_CONFIGURE_COMMAND}")
endfunction()
