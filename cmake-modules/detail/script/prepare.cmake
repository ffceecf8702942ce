# Run by a module's rule before make: cmake -D settings=<file> -P prepare.cmake
#
# Leaves Kbuild's folder so that make's result is that of a clean build: no half-written outputs of
# an interrupted one, nothing from another state of the kernel tree. Withdraws the published
# modules; they come back when the new ones passed validation.
cmake_minimum_required(VERSION 3.25)
include("${settings}")

# What an interrupted build left running ends first; see run_make.sh.
if(EXISTS "${work}.log.lock")
  execute_process(COMMAND flock "${work}.log.lock" true ERROR_QUIET RESULT_VARIABLE ignored)
endif()
file(REMOVE ${kos})
foreach(part include/config/auto.conf include/generated/utsrelease.h Module.symvers)
  if(NOT EXISTS "${kernel}/${part}")
    message(FATAL_ERROR "Kovet: ${target}: the tree of kernel ${release} has gone: ${kernel}/${part} is missing\n  Fix: reinstall the kernel's headers, or choose another kernel: cmake -DKOVET_KERNEL=<release or build directory> <build folder>")
  endif()
endforeach()

# A package manager replaces a tree by files that are older than our objects: compare contents.
set(identity "${make_args}\n${separate_output}")
foreach(part include/config/auto.conf include/generated/utsrelease.h include/generated/autoconf.h Module.symvers)
  file(SHA1 "${kernel}/${part}" hash)
  string(APPEND identity "\n${part} ${hash}")
endforeach()
set(previous "")
if(EXISTS "${work}/.kovet-kernel")
  file(READ "${work}/.kovet-kernel" previous)
endif()
# Where make failed and neither a compiler's error nor modpost's says why, or its log is not whole,
# for instance because the disk was full, anything may be half there without a trace: begin anew.
if(EXISTS "${work}.log.status")
  file(READ "${work}.log.status" status)
  set(said "")
  if(EXISTS "${work}.log")
    file(READ "${work}.log" said)
  endif()
  if(NOT status MATCHES "^0" AND (NOT status MATCHES "whole" OR NOT said MATCHES " error: |ERROR: modpost: "
      OR said MATCHES "No space left|I/O error|[Ww]rite error|error writing|Killed|Bus error"))
    set(previous "")
  endif()
  file(REMOVE "${work}.log.status")
endif()
if(NOT identity STREQUAL previous)
  file(REMOVE_RECURSE "${work}")
  file(MAKE_DIRECTORY "${work}")
  file(WRITE "${work}/.kovet-kernel" "${identity}")
endif()

# See publish.cmake.
file(TOUCH "${work}/.kovet-begun")
include("${CMAKE_CURRENT_LIST_DIR}/missing_inputs.cmake")

# Kbuild writes a file, then its .cmd. A file that is younger than its .cmd was not finished.
file(GLOB_RECURSE commands "${work}/.*.cmd")
foreach(command IN LISTS commands)
  get_filename_component(folder "${command}" DIRECTORY)
  get_filename_component(name "${command}" NAME)
  string(REGEX REPLACE "^\\.(.*)\\.cmd$" "\\1" name "${name}")
  if(EXISTS "${folder}/${name}" AND NOT "${command}" IS_NEWER_THAN "${folder}/${name}")
    file(REMOVE "${folder}/${name}")
  endif()
endforeach()
# BTF is put into a linked .ko afterwards, and a .ko that was left without is taken for finished.
if(NOT EXISTS "${work}/.kovet-made")
  file(GLOB_RECURSE linked "${work}/*.ko")
  foreach(ko IN LISTS linked)
    if(NOT IS_SYMLINK "${ko}")
      file(REMOVE "${ko}")
    endif()
  endforeach()
endif()
file(REMOVE "${work}/.kovet-made")
file(GLOB_RECURSE objects "${work}/*.o")
foreach(object IN LISTS objects)
  get_filename_component(folder "${object}" DIRECTORY)
  get_filename_component(name "${object}" NAME)
  if(NOT EXISTS "${folder}/.${name}.cmd" AND NOT IS_SYMLINK "${object}")
    file(REMOVE "${object}")
  endif()
endforeach()

if(kind STREQUAL "sources")
  include("${CMAKE_CURRENT_LIST_DIR}/write_kbuild.cmake")
elseif(separate_output)
  # What is in the source folder before make, for collect.cmake.
  file(GLOB_RECURSE entries LIST_DIRECTORIES true RELATIVE "${project}" "${project}/*")
  list(JOIN entries "\n" text)
  file(WRITE "${work}/.kovet-before" "${text}\n")
else()
  include("${CMAKE_CURRENT_LIST_DIR}/mirror.cmake")
endif()
