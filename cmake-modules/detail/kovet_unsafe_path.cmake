# kovet_unsafe_path(<path> <out>)
#
# Sets <out> to the first character of <path> that make or Kbuild cannot take in a file name
# (quoted, or "a space"), or to nothing.
function(kovet_unsafe_path path out)
  set(found "")
  if(path MATCHES "([] \t:#$%&'\"`()*?;<>|!=,^\\\\[])")
    set(found "'${CMAKE_MATCH_1}'")
    if(CMAKE_MATCH_1 STREQUAL " ")
      set(found "a space")
    endif()
  endif()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()
