include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")

# kovet_check_validation(<function> <target> <out-policy> <out-waivers>)
#
# The caller's arg_POLICY and arg_WAIVERS, checked; the waivers file as an absolute path.
function(kovet_check_validation function target out_policy out_waivers)
  set(policy build)
  if(DEFINED arg_POLICY)
    set(policy "${arg_POLICY}")
    if(NOT policy MATCHES "^(build|load)$")
      kovet_fail("${function}" "${target}: there is no policy '${policy}'" "POLICY build, or POLICY load")
    endif()
  endif()
  set(waivers "")
  if(DEFINED arg_WAIVERS)
    get_filename_component(waivers "${arg_WAIVERS}" ABSOLUTE)
    if(NOT EXISTS "${waivers}" OR IS_DIRECTORY "${waivers}")
      kovet_fail("${function}" "${target}: there is no waivers file ${waivers}"
        "correct the name, or leave WAIVERS out")
    endif()
  endif()
  set(${out_policy} "${policy}" PARENT_SCOPE)
  set(${out_waivers} "${waivers}" PARENT_SCOPE)
endfunction()
