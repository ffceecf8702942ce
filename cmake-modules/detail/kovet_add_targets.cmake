include("${CMAKE_CURRENT_LIST_DIR}/kovet_add_kbuild_rule.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_find_kernel.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_select_kernels.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_summary.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_toolchain.cmake")

# kovet_add_targets(<function> <target> <kernels> <arguments of kovet_add_kbuild_rule>...)
#
# One rule and target per kernel; with several kernels, also the target that builds all.
function(kovet_add_targets function target kernels)
  cmake_parse_arguments(PARSE_ARGV 3 arg "COLLECT" "SETTINGS;WAIVERS;POLICY;SYMVERS;PROJECT;MIRROR"
    "MODULES;FOLDERS;DEPENDS;MAKE_ARGS;GOALS;LINK_MODULES")
  if(NOT CMAKE_GENERATOR MATCHES "^(Ninja|Unix Makefiles)$")
    kovet_fail("${function}" "the generator ${CMAKE_GENERATOR} cannot drive Kbuild"
      "cmake -G Ninja, or cmake -G \"Unix Makefiles\"")
  endif()
  if(KOVET_JOBS AND NOT KOVET_JOBS MATCHES "^[1-9][0-9]*$")
    kovet_fail("${function}" "KOVET_JOBS is '${KOVET_JOBS}', which is no number of jobs"
      "-DKOVET_JOBS=4, or -DKOVET_JOBS= for one for each processor")
  endif()
  kovet_select_kernels("${function}" selected many ${kernels})
  set(collect "")
  if(arg_COLLECT)
    set(collect COLLECT)
  endif()
  set(releases "")
  set(kos "")
  set(symvers "")
  set(targets "")
  foreach(kernel IN LISTS selected)
    kovet_find_kernel("${function}" "${kernel}" found)
    if(found_RELEASE IN_LIST releases)
      kovet_fail("${function}" "${target}: kernel ${found_RELEASE} is named twice" "name each kernel once")
    endif()
    kovet_toolchain("${function}" found toolchain_args summary)
    set(one "${target}")
    set(all ALL)
    set(output "${CMAKE_CURRENT_BINARY_DIR}")
    if(many)
      set(one "${target}-${found_RELEASE}")
      set(all "")
      string(APPEND output "/${found_RELEASE}")
    endif()
    kovet_add_kbuild_rule("${one}" ${all} ${collect} FUNCTION ${function} KERNEL_PREFIX found
      OUTPUT_DIR "${output}" SYMVERS "${arg_SYMVERS}"
      PROJECT "${arg_PROJECT}" MIRROR "${arg_MIRROR}" MODULES ${arg_MODULES}
      FOLDERS ${arg_FOLDERS}
      SETTINGS "${arg_SETTINGS}" POLICY ${arg_POLICY} WAIVERS "${arg_WAIVERS}"
      MAKE_ARGS ${toolchain_args} ${arg_MAKE_ARGS} GOALS ${arg_GOALS}
      DEPENDS ${arg_DEPENDS} LINK_MODULES ${arg_LINK_MODULES})
    list(APPEND targets "${one}")
    list(APPEND releases "${found_RELEASE}")
    get_target_property(value "${one}" KOVET_KO)
    list(APPEND kos ${value})
    get_target_property(value "${one}" KOVET_SYMVERS)
    list(APPEND symvers "${value}")
    kovet_summary(found "${summary}" ${arg_MODULES})
  endforeach()
  if(many)
    add_custom_target("${target}" ALL)
    add_dependencies("${target}" ${targets})
    set_target_properties("${target}" PROPERTIES KOVET_RELEASE "${releases}" KOVET_KO "${kos}"
      KOVET_SYMVERS "${symvers}" KOVET_TARGETS "${targets}")
    # What add_dependencies() says of the one is meant for each.
    cmake_language(EVAL CODE
      "cmake_language(DEFER DIRECTORY [[${CMAKE_SOURCE_DIR}]] CALL kovet_hand_down_dependencies [[${target}]])")
  else()
    set_target_properties("${target}" PROPERTIES KOVET_TARGETS "${target}")
  endif()
endfunction()

function(kovet_hand_down_dependencies target)
  get_target_property(targets "${target}" KOVET_TARGETS)
  get_target_property(dependencies "${target}" MANUALLY_ADDED_DEPENDENCIES)
  list(REMOVE_ITEM dependencies ${targets})
  if(dependencies)
    foreach(one IN LISTS targets)
      add_dependencies("${one}" ${dependencies})
    endforeach()
  endif()
endfunction()
