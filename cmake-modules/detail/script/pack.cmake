# cmake -D cpack=<program> -D config=<its file> -D made=<package> -D to=<folder> [-D provenance=<settings>]
#   [-D sources=<settings>] -P pack.cmake
#
# Makes one package, and its provenance report, in a folder of its own; both come into the folder of
# packages when they are whole. A full disk, or a module that does not pass, changes nothing there.
cmake_minimum_required(VERSION 3.25)
get_filename_component(name "${made}" NAME)
get_filename_component(folder "${made}" DIRECTORY)
function(fail why fix)
  file(REMOVE_RECURSE "${folder}")
  message(FATAL_ERROR "kovet_package: ${name} is not made: ${why}\n  Fix: ${fix}\n  ${to} is as it was.")
endfunction()

file(REMOVE_RECURSE "${folder}")
if(sources)
  execute_process(COMMAND "${CMAKE_COMMAND}" -D "settings=${sources}" -P "${CMAKE_CURRENT_LIST_DIR}/dkms_files.cmake"
    RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    fail("its sources are not all there, see above" "correct what is said there, and package again")
  endif()
endif()
# Folders in packages are for everybody to enter, whoever packages.
execute_process(COMMAND "${CMAKE_COMMAND}" -E env KOVET_PACKAGING=1 sh -c "umask 022 && exec \"$@\"" sh
  "${cpack}" --config "${config}" RESULT_VARIABLE result)
if(NOT result EQUAL 0 OR NOT EXISTS "${made}")
  fail("cpack failed, see above" "correct what is said there, or make room in ${folder}, and package again")
endif()
set(files "${made}")
if(provenance)
  execute_process(COMMAND "${CMAKE_COMMAND}" -D "config=${provenance}" -D "package=${made}"
    -P "${CMAKE_CURRENT_LIST_DIR}/provenance.cmake" RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    fail("its modules do not pass, or its report cannot be written, see above"
      "correct what is said there, and package again")
  endif()
  list(APPEND files "${made}.provenance.json")
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" -E make_directory "${to}" RESULT_VARIABLE result)
# No report is better than one of another package.
file(REMOVE "${to}/${name}.provenance.json")
foreach(file IN LISTS files)
  get_filename_component(file_name "${file}" NAME)
  file(RENAME "${file}" "${to}/${file_name}" RESULT result)
  if(NOT result EQUAL 0)
    fail("${to}/${file_name} cannot be written: ${result}" "make the folder writable, and package again")
  endif()
endforeach()
file(REMOVE_RECURSE "${folder}")
