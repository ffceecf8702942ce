include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")

# The generator's own files name the project's folder and the inputs of rules. Which characters it cannot
# take there was tried with each; what it says itself names neither the file nor the reason.

# kovet_check_source_folder(<function>)
function(kovet_check_source_folder function)
  set(refused "[|;]")
  set(fix "")
  if(CMAKE_GENERATOR MATCHES "Make")
    set(refused "[|;#\"\t]")
    set(fix "build with Ninja (cmake -G Ninja), or ")
  endif()
  if(CMAKE_SOURCE_DIR MATCHES "(${refused})")
    set(found "${CMAKE_MATCH_1}")
    if(found MATCHES "[|;]")
      set(fix "")
    endif()
    kovet_fail("${function}"
      "${CMAKE_GENERATOR} cannot build a project with '${found}' in the path of its source folder: ${CMAKE_SOURCE_DIR}"
      "${fix}configure through a link: ln -s '${CMAKE_SOURCE_DIR}' /tmp/source && cmake -S /tmp/source -B <build folder>")
  endif()
endfunction()

# kovet_check_inputs(<function> <target> <absolute file>...)
function(kovet_check_inputs function target)
  set(refused "[|\\\\]")
  if(CMAKE_GENERATOR MATCHES "Make")
    set(refused "[|:\t\\\\]")
  endif()
  foreach(file IN LISTS ARGN)
    if(file MATCHES "(${refused})")
      set(found "${CMAKE_MATCH_1}")
      set(fix "")
      if(found MATCHES "[:\t]")
        set(fix "build with Ninja (cmake -G Ninja), or ")
      endif()
      kovet_fail("${function}" "${target}: ${CMAKE_GENERATOR} cannot take '${found}' in the path of ${file}"
        "${fix}name it through a link without '${found}'")
    endif()
  endforeach()
endfunction()
