#[=======================================================================[.rst:
kovet_add_load_test
-------------------

A CTest test that boots the kernel a module was built for and loads it there::

  kovet_add_load_test(<test> TARGETS <target>...
    [PARAMETERS <module>:<parameter>=<value>...] [KERNEL_IMAGE <file>])

The test runs ``kovet boot``: QEMU with a minimal file system made on the spot,
in software where KVM does not work, so that it needs no rights and changes
nothing on this machine. The modules are loaded in the order in which they need
each other, after the kernel's own modules that they need, and unloaded again. It
passes when every one loads, its init succeeds, and it unloads again (a module
without exit function stays); a warning or an oops of the kernel fails it.
Building is not part of the test: run ``cmake --build`` before ``ctest``. As with
``add_test``, the project calls ``enable_testing()`` or includes ``CTest`` before.

``TARGETS``
  Targets of ``kovet_add_module`` or ``kovet_add_kbuild_project``, declared
  before. Those for several kernels give one test per kernel,
  ``<test>-<release>``; every target must then be built for the same kernels.
``PARAMETERS``
  What ``insmod`` would be given, each with the module it is for.
``KERNEL_IMAGE``
  What to boot: a ``vmlinuz``, a ``vmlinux`` with ``CONFIG_PVH``, or the folder of
  an unpacked ``linux-image`` package, which brings its ``lib/modules`` along. It
  must be the image of the kernel that the modules are built for. For a test of
  one kernel. Default: ``/boot/vmlinuz-<release>``, then
  ``/lib/modules/<release>/vmlinuz``, then ``arch/x86/boot/bzImage`` of the build
  directory; the kernel's own modules are those in ``/lib/modules/<release>``.

What the tests need, on Debian and Ubuntu: ``apt install qemu-system-x86
linux-image-<release>``. Installing the image makes it the kernel of this
machine's next boot, which a build machine may not want; this unpacks it only::

  apt download linux-image-<release>
  dpkg -x linux-image-<release>_*.deb kernel      # KERNEL_IMAGE kernel

Where QEMU or the default image is missing the test is skipped and says what to
install; with the environment variable ``CI`` set it fails instead.

The tests have the label ``kovet-load`` and a time limit of ten minutes; both are
test properties that the project can change.
#]=======================================================================]
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_check_parsed.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/detail/kovet_fail.cmake")

function(kovet_add_load_test test)
  set(function kovet_add_load_test)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "KERNEL_IMAGE" "TARGETS;PARAMETERS")
  kovet_check_parsed(${function} "${test}" REQUIRED TARGETS SINGLE KERNEL_IMAGE MULTI TARGETS PARAMETERS)
  set(options --skip-missing)
  foreach(parameter IN LISTS arg_PARAMETERS)
    if(NOT parameter MATCHES "^[^:=]+:[^=]+")
      kovet_fail(${function} "${test}: '${parameter}' is not of the form MODULE:PARAMETER=VALUE"
        "PARAMETERS <module>:<parameter>=<value>")
    endif()
    list(APPEND options --param "${parameter}")
  endforeach()
  set(releases "")
  set(seen "")
  set(names "")
  foreach(target IN LISTS arg_TARGETS)
    if(NOT TARGET "${target}")
      kovet_fail(${function} "${test}: there is no target ${target}"
        "declare it with kovet_add_module before the test")
    endif()
    get_target_property(parts "${target}" KOVET_TARGETS)
    if(NOT parts)
      kovet_fail(${function} "${test}: ${target} is no kernel module"
        "name targets of kovet_add_module or kovet_add_kbuild_project")
    endif()
    if(target IN_LIST seen)
      kovet_fail(${function} "${test}: ${target} is named twice" "name each target once")
    endif()
    list(APPEND seen "${target}")
    set(own "")
    foreach(part IN LISTS parts)
      get_target_property(release "${part}" KOVET_RELEASE)
      get_target_property(kos "${part}" KOVET_KO)
      get_target_property(build "${part}" KOVET_KERNEL_BUILD)
      list(APPEND own "${release}")
      list(APPEND "kos_of_${release}" ${kos})
      set("build_of_${release}" "${build}")
      foreach(ko IN LISTS kos)
        get_filename_component(name "${ko}" NAME_WLE)
        list(APPEND names "${name}")
      endforeach()
    endforeach()
    if(releases STREQUAL "")
      set(releases ${own})
    elseif(NOT own STREQUAL releases)
      kovet_fail(${function} "${test}: ${target} is built for ${own}, the others for ${releases}"
        "give the targets the same KERNELS, or write one test for each")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES names)
  # The kernel does not tell a dash from an underscore.
  string(REPLACE "-" "_" known "${names}")
  foreach(parameter IN LISTS arg_PARAMETERS)
    string(REGEX MATCH "^[^:]+" name "${parameter}")
    string(REPLACE "-" "_" plain "${name}")
    if(NOT plain IN_LIST known)
      list(JOIN names ", " choice)
      kovet_fail(${function} "${test}: PARAMETERS names ${name}, and no target makes such a module"
        "name one of: ${choice}")
    endif()
  endforeach()
  list(LENGTH releases count)
  if(DEFINED arg_KERNEL_IMAGE)
    if(count GREATER 1)
      kovet_fail(${function} "${test}: one KERNEL_IMAGE cannot boot ${count} kernels"
        "name the per-kernel targets, one test for each image")
    endif()
    get_filename_component(image "${arg_KERNEL_IMAGE}" ABSOLUTE)
    list(APPEND options --image "${image}")
  endif()
  foreach(release IN LISTS releases)
    set(name "${test}")
    if(count GREATER 1)
      set(name "${test}-${release}")
    endif()
    add_test(NAME "${name}" COMMAND Kovet::kovet boot ${kos_of_${release}}
      --kernel "${build_of_${release}}" ${options})
    set_tests_properties("${name}" PROPERTIES LABELS kovet-load TIMEOUT 600
      SKIP_RETURN_CODE 77)
  endforeach()
endfunction()
