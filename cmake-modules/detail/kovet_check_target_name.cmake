include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")

# kovet_check_target_name(<function> <target>)
function(kovet_check_target_name function target)
  if(NOT target MATCHES "^[A-Za-z0-9_][A-Za-z0-9_.+-]*$")
    kovet_fail("${function}" "'${target}' cannot be the name of a target"
      "begin with a letter, a digit or '_', and use only these and '.', '+', '-'")
  endif()
  if(target MATCHES "^(all|clean|depend|edit_cache|help|install|list_install_components|package|package_source|preinstall|rebuild_cache|test|ALL_BUILD|INSTALL|ZERO_CHECK)$")
    kovet_fail("${function}" "${target} is a target that CMake makes itself"
      "choose another target name; MODULE_NAME ${target} keeps the module's name")
  endif()
  if(TARGET "${target}")
    kovet_fail("${function}" "there is a target ${target} already"
      "choose another target name; MODULE_NAME ${target} keeps the module's name")
  endif()
endfunction()
