include("${CMAKE_CURRENT_LIST_DIR}/kovet_defer.cmake")

# kovet_compile_commands(<target> <work>)
#
# Keeps the target's entries in compile_commands.json. CMake writes that file anew, without them, each
# time it generates a project that has a language; a rule then joins them to it again, before or
# beside the modules, also when none has to be built. Entries of targets that have gone go.
function(kovet_compile_commands target work)
  get_property(targets DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTY KOVET_COMPILE_COMMANDS_TARGETS)
  if(NOT targets)
    kovet_defer(kovet_keep_compile_commands)
  endif()
  string(MD5 hash "${work}")
  set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY KOVET_COMPILE_COMMANDS_TARGETS "${target}")
  set_property(DIRECTORY "${CMAKE_SOURCE_DIR}" APPEND PROPERTY KOVET_COMPILE_COMMANDS_FRAGMENTS "${hash}.txt")
endfunction()

function(kovet_keep_compile_commands)
  set(folder "${CMAKE_BINARY_DIR}/CMakeFiles/kovet-compile-commands")
  set(join "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/script/join_compile_commands.cmake")
  file(MAKE_DIRECTORY "${folder}")
  get_property(expected DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTY KOVET_COMPILE_COMMANDS_FRAGMENTS)
  file(GLOB gone RELATIVE "${folder}" "${folder}/*.txt")
  list(REMOVE_ITEM gone ${expected})
  if(gone)
    list(TRANSFORM gone PREPEND "${folder}/")
    file(REMOVE ${gone})
    execute_process(COMMAND "${CMAKE_COMMAND}" -D "top_binary_dir=${CMAKE_BINARY_DIR}" -P "${join}")
  endif()
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  list(REMOVE_ITEM languages NONE)
  if(NOT languages)
    return()
  endif()
  file(TOUCH "${folder}/configured")
  add_custom_command(OUTPUT "${folder}/joined"
    COMMAND "${CMAKE_COMMAND}" -D "top_binary_dir=${CMAKE_BINARY_DIR}" -D "stamp=${folder}/joined" -P "${join}"
    DEPENDS "${folder}/configured"
    COMMENT "Joining the modules' entries to compile_commands.json"
    VERBATIM)
  add_custom_target(kovet-compile-commands ALL DEPENDS "${folder}/joined")
  get_property(targets DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTY KOVET_COMPILE_COMMANDS_TARGETS)
  foreach(target IN LISTS targets)
    add_dependencies("${target}" kovet-compile-commands)
  endforeach()
endfunction()
