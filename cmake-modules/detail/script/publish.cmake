# Run by a module's rule after validation: cmake -D settings=<file> -P publish.cmake
#
# Writes the depfile from Kbuild's .cmd files, then gives the modules their final names.
cmake_minimum_required(VERSION 3.25)
include("${settings}")
include("${CMAKE_CURRENT_LIST_DIR}/write_depfile.cmake")

get_filename_component(folder "${symvers}" DIRECTORY)
file(MAKE_DIRECTORY "${folder}")
set(text "")
if(EXISTS "${work}/Module.symvers")
  file(READ "${work}/Module.symvers" text)
endif()
# Those that link look at the file's time: a symvers file that did not change stays as it is.
set(old "none")
if(EXISTS "${symvers}")
  file(READ "${symvers}" old)
endif()
if(NOT text STREQUAL old)
  file(WRITE "${symvers}.new" "${text}")
  file(RENAME "${symvers}.new" "${symvers}")
endif()
foreach(from to IN ZIP_LISTS built kos)
  file(COPY_FILE "${from}" "${to}.new")
  file(TOUCH "${to}.new")
  file(RENAME "${to}.new" "${to}")
endforeach()
