include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")

# kovet_check_release(<function> <build directory> <release>)
#
# Fatal when include/config/kernel.release is of another kernel than utsrelease.h, which says
# <release>. Debian's packages up to 6.1 set utsrelease.h alone: 6.1.0-56-amd64 beside 6.1.192.
function(kovet_check_release function build release)
  set(file "${build}/include/config/kernel.release")
  if(NOT EXISTS "${file}")
    return()
  endif()
  file(STRINGS "${file}" other LIMIT_COUNT 1)
  if(other STREQUAL release OR other STREQUAL "")
    return()
  endif()
  if(release MATCHES "^([0-9]+\\.[0-9]+)\\.0-[0-9]+-")
    set(series "${CMAKE_MATCH_1}")
    if(other MATCHES "^([0-9]+\\.[0-9]+)\\.([0-9]+)(-rt[0-9]+)?$" AND CMAKE_MATCH_1 STREQUAL series)
      set(patch "${CMAKE_MATCH_2}")
      set(line "")
      if(EXISTS "${build}/include/generated/uapi/linux/version.h")
        file(STRINGS "${build}/include/generated/uapi/linux/version.h" line
          REGEX "LINUX_VERSION_SUBLEVEL " LIMIT_COUNT 1)
      endif()
      if(NOT line MATCHES "LINUX_VERSION_SUBLEVEL ([0-9]+)" OR CMAKE_MATCH_1 STREQUAL patch)
        return()
      endif()
    endif()
  endif()
  file(REAL_PATH "${build}" folder)
  cmake_path(GET folder FILENAME package)
  if(NOT package MATCHES "^linux-headers-")
    set(package "linux-headers-${release}")
  endif()
  kovet_fail("${function}"
    "${build}/include/generated/utsrelease.h says ${release}, but ${file} says ${other}: files of two kernels are mixed in one tree"
    "reinstall the kernel's headers package (apt install --reinstall ${package}); for an own kernel tree: make -C ${build} modules")
endfunction()
