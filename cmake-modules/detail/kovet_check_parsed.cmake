include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")

# kovet_check_parsed(<function> <target> REQUIRED <keyword>... KNOWN <keyword>...)
#
# To be called right after ``cmake_parse_arguments(... arg ...)``: unknown arguments, keywords
# without a value and missing required keywords are fatal.
macro(kovet_check_parsed function target)
  cmake_parse_arguments(kovet_parsed "" "" "REQUIRED;KNOWN" ${ARGN})
  list(JOIN kovet_parsed_KNOWN ", " kovet_parsed_known)
  if(DEFINED arg_UNPARSED_ARGUMENTS)
    list(JOIN arg_UNPARSED_ARGUMENTS ", " kovet_parsed_unknown)
    kovet_fail("${function}" "${target}: unknown argument: ${kovet_parsed_unknown}"
      "use only ${kovet_parsed_known}")
  endif()
  if(DEFINED arg_KEYWORDS_MISSING_VALUES)
    list(JOIN arg_KEYWORDS_MISSING_VALUES ", " kovet_parsed_empty)
    kovet_fail("${function}" "${target}: no value after ${kovet_parsed_empty}"
      "give a value, or leave the keyword out")
  endif()
  foreach(kovet_parsed_keyword IN LISTS kovet_parsed_REQUIRED)
    if(NOT DEFINED arg_${kovet_parsed_keyword})
      kovet_fail("${function}" "${target}: ${kovet_parsed_keyword} is missing"
        "add ${kovet_parsed_keyword} and its values to the call")
    endif()
  endforeach()
endmacro()
