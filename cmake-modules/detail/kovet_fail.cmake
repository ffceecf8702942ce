# kovet_fail(<function> <what> <fix>)
#
# Stops the configuration with a message that begins with the public function's name and ends
# with what to type or change.
function(kovet_fail function what fix)
  message(FATAL_ERROR "${function}: ${what}\n  Fix: ${fix}")
endfunction()
