# kovet_neighbour_rules(<target> <settings> <work> <out-lines> <out-stamps>)
#
# A rule for each of the caller's neighbours (see kovet_link_modules): its .ko files and its symvers
# file must be of one build for this kernel. <out-lines> goes into the settings file, <out-stamps>
# are inputs of the module's rule: copies of the symvers files, in a folder that Kbuild can read.
# What a stamp depends on is in a depfile: a file that has gone is then reported by the check, and
# not by the build tool.
function(kovet_neighbour_rules target settings work out_lines out_stamps)
  set(script "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/script/neighbour.cmake")
  set(lines "set(kovet [==[$<TARGET_FILE:Kovet::kovet>]==])\n")
  set(stamps "")
  foreach(n IN LISTS neighbours)
    string(REGEX REPLACE "[^A-Za-z0-9_.+-]+" "_" name "${neighbour_${n}_target}")
    set(stamp "${work}.neighbours/${n}-${name}.symvers")
    foreach(part target symvers kos fix)
      string(APPEND lines "set(neighbour_${n}_${part} [==[${neighbour_${n}_${part}}]==])\n")
    endforeach()
    string(APPEND lines "set(neighbour_${n}_stamp [==[${stamp}]==])\n")
    add_custom_command(OUTPUT "${stamp}"
      COMMAND "${CMAKE_COMMAND}" -D "settings=${settings}" -D "n=${n}" -P "${script}"
      DEPENDS "${settings}" "${script}" Kovet::kovet
      DEPFILE "${stamp}.d"
      COMMENT "Checking ${neighbour_${n}_target}, which ${target} links to"
      VERBATIM)
    list(APPEND stamps "${stamp}")
  endforeach()
  if(stamps)
    set_property(DIRECTORY APPEND PROPERTY ADDITIONAL_CLEAN_FILES "${work}.neighbours")
  endif()
  set(${out_lines} "${lines}" PARENT_SCOPE)
  set(${out_stamps} "${stamps}" PARENT_SCOPE)
endfunction()
