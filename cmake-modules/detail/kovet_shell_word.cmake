# kovet_shell_word(<word> <out>)
#
# The word as a POSIX shell reads it: as it is where that is safe, else in single quotes.
function(kovet_shell_word word out)
  if(word STREQUAL "" OR word MATCHES "[^A-Za-z0-9_/.+@,=:%^-]")
    string(REPLACE "'" "'\\''" word "${word}")
    set(word "'${word}'")
  endif()
  set(${out} "${word}" PARENT_SCOPE)
endfunction()
