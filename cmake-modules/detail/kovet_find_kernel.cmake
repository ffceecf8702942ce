include("${CMAKE_CURRENT_LIST_DIR}/kovet_check_release.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_check_tree_files.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_list_kernels.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_shell_word.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_unsafe_path.cmake")

# kovet_find_kernel(<function> <kernel> <prefix>)
#
# <kernel> is a release or a build directory. Sets in the caller's scope
#
# ``<prefix>_BUILD``     the build directory, absolute
# ``<prefix>_RELEASE``   as in utsrelease.h
# ``<prefix>_ARCH``      as Kbuild's ARCH, from the configuration
# ``<prefix>_CLANG``     TRUE for a kernel built with clang
# ``<prefix>_COMPILER``  CONFIG_CC_VERSION_TEXT
# ``<prefix>_BTF``       TRUE when the configuration asks for BTF in modules
#
# A tree that is not there, incomplete, or mixed of two kernels is fatal.
function(kovet_find_kernel function kernel prefix)
  if(IS_DIRECTORY "${kernel}" AND kernel MATCHES "/")
    get_filename_component(build "${kernel}" ABSOLUTE)
    if(NOT EXISTS "${build}/include/config/auto.conf" AND IS_DIRECTORY "${build}/build")
      set(build "${build}/build")
    endif()
  else()
    kovet_kernel_folder("${kernel}" build)
    if(NOT build)
      kovet_list_kernels(installed)
      list(JOIN installed "\n    " listed)
      if(NOT listed)
        set(listed "(none)")
      endif()
      set(fix "apt install linux-headers-${kernel} (Debian), or choose another: -DKOVET_KERNEL=<release or build directory>")
      if(kernel MATCHES "/")
        set(fix "name a build directory that is there, or a release: -DKOVET_KERNEL=<release or build directory>")
      endif()
      kovet_fail("${function}"
        "no headers of kernel ${kernel} are here. Installed are:\n    ${listed}"
        "${fix}")
    endif()
  endif()
  kovet_unsafe_path("${build}" unsafe)
  if(unsafe)
    kovet_shell_word("${build}" word)
    kovet_fail("${function}" "the kernel's folder ${build} has ${unsafe} in its path; make cannot enter it"
      "name it through a link without: ln -s ${word} /tmp/kernel && cmake -DKOVET_KERNEL=/tmp/kernel ...")
  endif()
  set(package "reinstall the kernel's headers package; for an own kernel tree: make modules_prepare, and make for Module.symvers")
  foreach(part Makefile include/config/auto.conf include/generated/utsrelease.h
               include/generated/autoconf.h scripts/mod/modpost scripts/basic/fixdep Module.symvers)
    if(NOT EXISTS "${build}/${part}")
      kovet_fail("${function}" "the kernel tree ${build} is incomplete: ${part} is missing" "${package}")
    endif()
  endforeach()

  kovet_check_tree_files("${function}" "${build}" "${package}")

  set(release "")
  file(STRINGS "${build}/include/generated/utsrelease.h" line REGEX "UTS_RELEASE" LIMIT_COUNT 1)
  if(line MATCHES "\"([^\"]+)\"")
    set(release "${CMAKE_MATCH_1}")
  endif()
  if(NOT release MATCHES "^[0-9][A-Za-z0-9_.+~-]*$")
    kovet_fail("${function}" "${build}/include/generated/utsrelease.h names no release" "${package}")
  endif()
  kovet_check_release("${function}" "${build}" "${release}")
  file(STRINGS "${build}/include/config/auto.conf" config
    REGEX "^CONFIG_(X86|ARM64|ARM|PPC|S390|MIPS|RISCV|LOONGARCH|CC_IS_CLANG|CC_VERSION_TEXT|DEBUG_INFO_BTF_MODULES|GCC_PLUGINS|MODULES)=")
  set(arch "")
  set(clang FALSE)
  set(compiler "")
  set(btf FALSE)
  set(modules FALSE)
  set(plugins FALSE)
  foreach(line IN LISTS config)
    # Quoted before 6.12 or so.
    if(line MATCHES "^CONFIG_CC_VERSION_TEXT=(.*)$")
      string(REGEX REPLACE "^\"(.*)\"$" "\\1" compiler "${CMAKE_MATCH_1}")
    elseif(line STREQUAL "CONFIG_CC_IS_CLANG=y")
      set(clang TRUE)
    elseif(line STREQUAL "CONFIG_DEBUG_INFO_BTF_MODULES=y")
      set(btf TRUE)
    elseif(line STREQUAL "CONFIG_MODULES=y")
      set(modules TRUE)
    elseif(line STREQUAL "CONFIG_GCC_PLUGINS=y")
      set(plugins TRUE)
    elseif(line MATCHES "^CONFIG_(X86|ARM64|ARM|PPC|S390|MIPS|RISCV|LOONGARCH)=y$")
      string(TOLOWER "${CMAKE_MATCH_1}" arch)
      string(REPLACE "ppc" "powerpc" arch "${arch}")
    endif()
  endforeach()
  if(NOT modules)
    kovet_fail("${function}" "kernel ${release} is configured without loadable modules (CONFIG_MODULES)"
      "choose another kernel: -DKOVET_KERNEL=<release or build directory>")
  endif()
  if(plugins)
    file(GLOB plugin_files "${build}/scripts/gcc-plugins/*.so")
    if(NOT plugin_files)
      kovet_fail("${function}"
        "kernel ${release} was built with GCC plugins, and ${build}/scripts/gcc-plugins holds none"
        "install the headers package that carries them, or build them: make -C ${build} modules_prepare")
    endif()
  endif()
  set(${prefix}_BUILD "${build}" PARENT_SCOPE)
  set(${prefix}_RELEASE "${release}" PARENT_SCOPE)
  set(${prefix}_ARCH "${arch}" PARENT_SCOPE)
  set(${prefix}_CLANG ${clang} PARENT_SCOPE)
  set(${prefix}_COMPILER "${compiler}" PARENT_SCOPE)
  set(${prefix}_BTF ${btf} PARENT_SCOPE)
endfunction()
