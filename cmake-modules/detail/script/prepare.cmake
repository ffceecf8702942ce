# Run by a module's rule before make: cmake -D settings=<file> -P prepare.cmake
#
# Leaves Kbuild's folder so that make's result is that of a clean build: nothing of one that was cut
# short, nothing from another state of the kernel tree. Withdraws the published
# modules; they come back when the new ones passed validation.
cmake_minimum_required(VERSION 3.25)
include("${settings}")

foreach(output IN LISTS kos symvers)
  if(IS_DIRECTORY "${output}" AND NOT IS_SYMLINK "${output}")
    message(FATAL_ERROR "Kovet: ${target}: ${output} is to be written, and a folder is there\n  Fix: move the folder away, or give the module another folder: OUTPUT_DIR")
  endif()
endforeach()
file(REMOVE ${kos})
foreach(part include/config/auto.conf include/generated/utsrelease.h Module.symvers)
  if(NOT EXISTS "${kernel}/${part}")
    message(FATAL_ERROR "Kovet: ${target}: the tree of kernel ${release} has gone: ${kernel}/${part} is missing\n  Fix: reinstall the kernel's headers, or choose another kernel: cmake -DKOVET_KERNEL=<release or build directory> <build folder>")
  endif()
endforeach()

# A package manager replaces a tree by files that are older than our objects: compare contents. Another
# source folder, the driver's next version say, may be as old as the one before.
set(identity "${make_args}\n${separate_output}\n${project}\n${folders}\n${goals}")
foreach(part include/config/auto.conf include/generated/utsrelease.h include/generated/autoconf.h Module.symvers)
  file(SHA1 "${kernel}/${part}" hash)
  string(APPEND identity "\n${part} ${hash}")
endforeach()
# Debian's revision of the headers, of which several may have one release.
if(EXISTS "${kernel}/include/generated/package.h")
  file(SHA1 "${kernel}/include/generated/package.h" hash)
  string(APPEND identity "\npackage ${hash}")
endif()
set(previous "")
if(EXISTS "${work}/.kovet-kernel")
  file(READ "${work}/.kovet-kernel" previous)
endif()
# Where make began and is not known to have ended well, or with an error of the sources, anything may
# be half there without a trace (it was killed, the disk was full): begin anew.
if(EXISTS "${work}.unfinished")
  set(previous "")
endif()
file(WRITE "${work}.unfinished" "")
if(NOT identity STREQUAL previous)
  file(REMOVE_RECURSE "${work}")
  file(MAKE_DIRECTORY "${work}")
  file(WRITE "${work}/.kovet-kernel" "${identity}")
endif()

include("${CMAKE_CURRENT_LIST_DIR}/outdated_objects.cmake")
# See publish.cmake.
file(TOUCH "${work}/.kovet-begun")
file(REMOVE "${work}/.kovet-made")

if(kind STREQUAL "sources")
  include("${CMAKE_CURRENT_LIST_DIR}/write_kbuild.cmake")
elseif(separate_output)
  # What is in the source folder before make, for collect.cmake.
  include("${CMAKE_CURRENT_LIST_DIR}/../kovet_project_files.cmake")
  kovet_project_files("${project}" entries true *)
  list(JOIN entries "\n" text)
  file(WRITE "${work}/.kovet-before" "${text}\n")
else()
  include("${CMAKE_CURRENT_LIST_DIR}/mirror.cmake")
endif()
