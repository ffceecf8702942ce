include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_unsafe_path.cmake")

# kovet_work_folder(<function> <target> <release> <out>)
#
# The folder in which Kbuild works for one target and kernel: in the binary folder, or below
# KOVET_WORK_DIR. Kbuild itself refuses spaces and colons in it.
function(kovet_work_folder function target release out)
  set(base "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles")
  if(KOVET_WORK_DIR)
    get_filename_component(base "${KOVET_WORK_DIR}" ABSOLUTE BASE_DIR "${CMAKE_BINARY_DIR}")
    string(MD5 hash "${CMAKE_CURRENT_BINARY_DIR}")
    string(SUBSTRING "${hash}" 0 12 hash)
    string(APPEND base "/${hash}")
  endif()
  kovet_unsafe_path("${base}" unsafe)
  if(unsafe)
    kovet_fail("${function}" "Kbuild cannot work in a folder with ${unsafe} in its path: ${base}"
      "choose another build folder (cmake -B), or let Kbuild work elsewhere: -DKOVET_WORK_DIR=/var/tmp/kovet")
  endif()
  set(${out} "${base}/${target}.kovet/${release}" PARENT_SCOPE)
endfunction()
