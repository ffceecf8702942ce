include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")

# kovet_check_repeated(<function> <target> <keywords> <argument>...)
#
# Of these keywords each takes one value: given twice, cmake_parse_arguments would drop the first.
function(kovet_check_repeated function target keywords)
  set(seen "")
  foreach(argument IN LISTS ARGN)
    if(argument IN_LIST keywords)
      if(argument IN_LIST seen)
        kovet_fail("${function}" "${target}: ${argument} is given twice" "keep one of them")
      endif()
      list(APPEND seen "${argument}")
    endif()
  endforeach()
endfunction()
