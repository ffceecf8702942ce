include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")

# kovet_check_parsed(<function> <target> REQUIRED <keyword>... SINGLE <keyword>... MULTI <keyword>...)
#
# To be called right after ``cmake_parse_arguments(... arg ...)``: unknown arguments and missing
# required keywords are fatal, and so are keywords without a value, except optional lists, which an
# empty variable may leave empty.
macro(kovet_check_parsed function target)
  cmake_parse_arguments(kovet_parsed "" "" "REQUIRED;SINGLE;MULTI" ${ARGN})
  if(DEFINED arg_UNPARSED_ARGUMENTS)
    list(JOIN arg_UNPARSED_ARGUMENTS ", " kovet_parsed_unknown)
    set(kovet_parsed_known ${kovet_parsed_MULTI} ${kovet_parsed_SINGLE})
    list(JOIN kovet_parsed_known ", " kovet_parsed_known)
    kovet_fail("${function}" "${target}: unknown argument: ${kovet_parsed_unknown}"
      "use only ${kovet_parsed_known}")
  endif()
  foreach(kovet_parsed_keyword IN LISTS arg_KEYWORDS_MISSING_VALUES)
    if(kovet_parsed_keyword IN_LIST kovet_parsed_REQUIRED OR
       kovet_parsed_keyword IN_LIST kovet_parsed_SINGLE)
      kovet_fail("${function}" "${target}: no value after ${kovet_parsed_keyword}"
        "give a value, or leave the keyword out")
    endif()
  endforeach()
  foreach(kovet_parsed_keyword IN LISTS kovet_parsed_REQUIRED)
    if(NOT DEFINED arg_${kovet_parsed_keyword})
      kovet_fail("${function}" "${target}: ${kovet_parsed_keyword} is missing"
        "add ${kovet_parsed_keyword} and its values to the call")
    endif()
  endforeach()
endmacro()
