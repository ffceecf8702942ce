# kovet_write_whole(<file> <text> <out>): whether all of it is there; file(WRITE) says nothing of a full disk.
function(kovet_write_whole file text out)
  file(WRITE "${file}" "${text}")
  file(READ "${file}" written)
  set(${out} FALSE PARENT_SCOPE)
  if(written STREQUAL text)
    set(${out} TRUE PARENT_SCOPE)
  endif()
endfunction()

# kovet_write_or_fail(<target> <file> <text>): a step of a build rule.
function(kovet_write_or_fail target file text)
  kovet_write_whole("${file}" "${text}" is_whole)
  if(NOT is_whole)
    message(FATAL_ERROR "Kovet: ${target}: cannot write ${file}\n  Fix: make room there, and build again")
  endif()
endfunction()
