# Runs one case: a copy of its project below ${scratch}, its steps.cmake inside it.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
# Kbuild then calls pahole without -j, whose BTF differs from run to run: modules can be compared whole.
set(ENV{KBUILD_BUILD_TIMESTAMP} "2026-01-01")
file(REMOVE_RECURSE "${scratch}")
file(MAKE_DIRECTORY "${scratch}")
set(source "${scratch}/source")
set(binary "${scratch}/binary")
file(COPY "${case}/" DESTINATION "${source}")
include("${case}/steps.cmake")
