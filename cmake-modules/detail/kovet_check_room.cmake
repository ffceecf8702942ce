include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")

# kovet_check_room(<function>)
#
# That there is room for what CMake writes when it has configured. On a full disk it says that all went well,
# and leaves a build folder without a cache. Once for each build folder.
function(kovet_check_room function)
  get_property(is_checked GLOBAL PROPERTY KOVET_ROOM_CHECKED)
  if(is_checked)
    return()
  endif()
  set_property(GLOBAL PROPERTY KOVET_ROOM_CHECKED TRUE)
  set(probe "${CMAKE_BINARY_DIR}/CMakeFiles/kovet-room")
  # Less than any module takes, and random because some file systems compress. file(WRITE) stops by itself, without a fix.
  execute_process(COMMAND dd if=/dev/urandom "of=${probe}" bs=64K count=16 iflag=fullblock
    RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
  file(REMOVE "${probe}")
  if(NOT result EQUAL 0)
    kovet_fail("${function}" "1 MiB cannot be written in ${CMAKE_BINARY_DIR}/CMakeFiles: a disk that is full cuts off what CMake writes there"
      "make room there, and configure again with all arguments, -S and -D as well: CMake may have emptied its cache")
  endif()
endfunction()
