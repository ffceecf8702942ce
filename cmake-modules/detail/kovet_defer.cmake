# kovet_defer(<command> [<argument>])
#
# Runs the command when CMake has read the whole project: all modules are declared then.
function(kovet_defer command)
  # Long brackets: a folder's name may end with one.
  set(argument "")
  if(ARGC GREATER 1)
    set(argument "[==[${ARGV1}]==]")
  endif()
  cmake_language(EVAL CODE "cmake_language(DEFER DIRECTORY [==[${CMAKE_SOURCE_DIR}]==] CALL ${command} ${argument})")
endfunction()
