include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_bound_jobs.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_check_inputs.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_compile_commands.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_extmod_output.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_link_modules.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_neighbour_rules.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_sign_step.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/kovet_work_folder.cmake")

# kovet_add_kbuild_rule(<target> FUNCTION f KERNEL_PREFIX p MODULES m... OUTPUT_DIR d ...)
#
# One target for one kernel: the rule that prepares Kbuild's folder, runs make, validates what came
# out and publishes it. The rule's settings go into a file beside the work folder, which is an
# input of the rule, so that a changed setting runs it again with every generator.
#
# FOLDERS are the folders that make runs for, in this order, relative to the work folder; each sees
# the symbols of those before it. With COLLECT the modules are looked for below the work folder by
# their names; PROJECT is then the folder of their sources, and MIRROR why make cannot read them
# there, if so. Other arguments: ALL, SETTINGS <lines of CMake code for prepare.cmake>, DEPENDS,
# MAKE_ARGS, GOALS, LINK_MODULES, POLICY, WAIVERS. In MAKE_ARGS <SOURCE_DIR> stands for the work
# folder, <KERNEL> for the kernel's and <RELEASE> for its release.
function(kovet_add_kbuild_rule target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ALL;COLLECT"
    "FUNCTION;KERNEL_PREFIX;OUTPUT_DIR;SETTINGS;POLICY;WAIVERS;SYMVERS;PROJECT;MIRROR"
    "MODULES;FOLDERS;DEPENDS;MAKE_ARGS;GOALS;LINK_MODULES")
  set(kernel "${${arg_KERNEL_PREFIX}_BUILD}")
  set(release "${${arg_KERNEL_PREFIX}_RELEASE}")
  set(function "${arg_FUNCTION}")
  set(script "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/script")
  kovet_work_folder("${function}" "${target}" "${release}" work)
  kovet_link_modules("${function}" "${target}" "${release}" linked_symvers ${arg_LINK_MODULES})
  kovet_extmod_output("${kernel}" works_in_output)
  set(sources "${work}")
  set(separate_output FALSE)
  if(arg_COLLECT AND works_in_output)
    if(arg_MIRROR)
      message(STATUS "Kovet: ${target}: built in a mirror of the source folder (${arg_MIRROR})")
    else()
      message(STATUS "Kovet: ${target}: built with MO=")
      set(sources "${arg_PROJECT}")
      set(separate_output TRUE)
    endif()
  endif()
  set(make_args ${arg_MAKE_ARGS})
  list(TRANSFORM make_args REPLACE "<SOURCE_DIR>" "${sources}")
  list(TRANSFORM make_args REPLACE "<KERNEL>" "${kernel}")
  list(TRANSFORM make_args REPLACE "<RELEASE>" "${release}")

  set(kos "")
  set(built "")
  foreach(module IN LISTS arg_MODULES)
    get_filename_component(name "${module}" NAME)
    list(APPEND kos "${arg_OUTPUT_DIR}/${name}.ko")
    if(arg_COLLECT)
      list(APPEND built "${work}/.modules/${name}.ko")
    else()
      list(APPEND built "${work}/${module}.ko")
    endif()
  endforeach()
  get_property(others GLOBAL PROPERTY KOVET_OUTPUTS)
  foreach(ko IN LISTS kos)
    if(ko IN_LIST others)
      kovet_fail("${function}" "${target}: another target makes ${ko} already"
        "give one of the modules another name, or declare one of them in another folder (add_subdirectory)")
    endif()
  endforeach()
  set_property(GLOBAL APPEND PROPERTY KOVET_OUTPUTS ${kos})
  set(symvers "${arg_OUTPUT_DIR}/${arg_SYMVERS}")
  list(GET kos 0 first)
  kovet_sign_step("${function}" "${target}" "${kernel}" "${work}" "${built}"
    finished sign_commands sign_depends certificate)

  kovet_check_inputs("${function}" "${target}" ${arg_PROJECT} ${arg_DEPENDS} ${arg_WAIVERS} ${sign_depends})

  set(settings "${work}.settings.cmake")
  kovet_neighbour_rules("${target}" "${settings}" "${work}" neighbour_lines neighbour_stamps)
  file(GENERATE OUTPUT "${settings}" CONTENT
"# The inputs of target ${target} for kernel ${release}.
set(target [==[${target}]==])
set(work [==[${work}]==])
set(kernel [==[${kernel}]==])
set(release [==[${release}]==])
set(modules [==[${arg_MODULES}]==])
set(kos [==[${kos}]==])
set(built [==[${finished}]==])
set(signing [==[${sign_commands}]==])
set(symvers [==[${symvers}]==])
set(make_args [==[${make_args}]==])
set(folders [==[${arg_FOLDERS}]==])
set(goals [==[${arg_GOALS}]==])
set(works_in_output ${works_in_output})
set(separate_output ${separate_output})
set(check_args [==[${arg_POLICY};${arg_WAIVERS}]==])
set(validation [==[$<TARGET_PROPERTY:KOVET_CHECK_ARGS>]==])
set(parameters [==[$<TARGET_PROPERTY:KOVET_PARAMETERS>]==])
set(kovet [==[$<TARGET_FILE:Kovet::kovet>]==])
set(source_dir [==[${CMAKE_CURRENT_SOURCE_DIR}]==])
set(top_binary_dir [==[${CMAKE_BINARY_DIR}]==])
set(depend_cache [==[${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${target}.dir/compiler_depend.internal]==])
${neighbour_lines}${arg_SETTINGS}
" TARGET "${target}")

  set(make "$(MAKE)")
  set(jobs "")
  set(pool "")
  if(NOT CMAKE_GENERATOR MATCHES "Make")
    find_program(KOVET_MAKE NAMES gmake make REQUIRED)
    mark_as_advanced(KOVET_MAKE)
    set(make "${KOVET_MAKE}" -s)
    set(jobs "-j$<TARGET_PROPERTY:${target},KOVET_JOBS>")
    set(pool JOB_POOL kovet)
    kovet_bound_jobs("${target}")
  endif()
  set(check_args --kernel "${kernel}" --policy "${arg_POLICY}")
  if(arg_WAIVERS)
    list(APPEND check_args --waivers "${arg_WAIVERS}")
  endif()
  foreach(file IN LISTS linked_symvers)
    list(APPEND check_args --symvers "${file}")
  endforeach()
  # One make after the other, each with the symbols of what came before.
  set(commands "")
  set(extra_symbols ${neighbour_stamps})
  foreach(folder IN LISTS arg_FOLDERS)
    kovet_folder_in("${sources}" "${folder}" M)
    kovet_folder_in("${work}" "${folder}" output)
    set(separate "")
    if(separate_output)
      set(separate "MO=${output}")
    endif()
    set(symbols "")
    if(extra_symbols)
      list(JOIN extra_symbols " " joined)
      set(symbols "KBUILD_EXTRA_SYMBOLS=${joined}")
    endif()
    set(pwd "")
    if(arg_COLLECT)
      # Drivers' own Makefiles take PWD for the folder they are in, which it is for who types make.
      set(pwd "PWD=${M}")
    endif()
    list(APPEND commands COMMAND sh "${script}/run_make.sh" "${CMAKE_COMMAND}" "${work}"
      ${make} ${jobs} --no-print-directory -C "${kernel}" "M=${M}"
      ${separate} ${pwd} ${make_args} ${symbols} ${arg_GOALS})
    list(APPEND extra_symbols "${output}/Module.symvers")
  endforeach()
  if(arg_COLLECT)
    list(APPEND commands
      COMMAND "${CMAKE_COMMAND}" -D "settings=${settings}" -P "${script}/collect.cmake")
    list(APPEND check_args --symvers "${work}/.modules/Module.symvers")
  endif()
  list(JOIN arg_MODULES ".ko " names)
  set(steps "${CMAKE_COMMAND}" -D "settings=${settings}" -P "${script}/prepare.cmake"
    ${commands}
    ${sign_commands}
    COMMAND Kovet::kovet check --quiet ${check_args} ${finished}
    COMMAND "${CMAKE_COMMAND}" -D "settings=${settings}" -P "${script}/publish.cmake")
  # All under one lock: of what was interrupted, Ninja's shell goes on with the steps that follow.
  list(TRANSFORM steps REPLACE "^COMMAND$" "--then")
  list(TRANSFORM steps REPLACE "^Kovet::kovet$" "$<TARGET_FILE:Kovet::kovet>")
  add_custom_command(
    OUTPUT ${kos}
    BYPRODUCTS "${symvers}"
    COMMAND sh "${script}/run_steps.sh" "${work}.lock" ${steps}
    DEPENDS "${settings}" "${script}/prepare.cmake" "${script}/publish.cmake" "${script}/run_make.sh"
            "${script}/run_steps.sh" Kovet::kovet
            ${arg_DEPENDS} ${arg_WAIVERS} ${neighbour_stamps} ${sign_depends}
    DEPFILE "${work}.d"
    ${pool}
    COMMENT "Building kernel module ${names}.ko for ${release}"
    VERBATIM)
  set(all "")
  if(arg_ALL)
    set(all ALL)
  endif()
  add_custom_target("${target}" ${all} DEPENDS ${kos})
  foreach(linked IN LISTS arg_LINK_MODULES)
    add_dependencies("${target}" "${linked}")
  endforeach()
  set_target_properties("${target}" PROPERTIES KOVET_RELEASE "${release}" KOVET_KO "${kos}"
    KOVET_SYMVERS "${symvers}" KOVET_KERNEL_BUILD "${kernel}" KOVET_POLICY "${arg_POLICY}"
    KOVET_WAIVERS "${arg_WAIVERS}" KOVET_WORK "${work}" KOVET_LINK_MODULES "${arg_LINK_MODULES}"
    KOVET_CHECK_ARGS "${check_args}" KOVET_SIGNED_BY "${certificate}")
  kovet_compile_commands("${target}" "${work}")
  set_property(DIRECTORY APPEND PROPERTY ADDITIONAL_CLEAN_FILES "${work}" "${work}.d" "${work}.log" "${work}.unfinished")
  # Another Kovet, whose files may be older than what CMake wrote, changes its folder.
  get_filename_component(package "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/.." ABSOLUTE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    "${kernel}/include/config/auto.conf" "${kernel}/include/generated/utsrelease.h" "${package}")
endfunction()

# kovet_folder_in(<base> <folder> <out>): without a slash at the end.
function(kovet_folder_in base folder out)
  cmake_path(APPEND base "${folder}" OUTPUT_VARIABLE path)
  cmake_path(NORMAL_PATH path)
  string(REGEX REPLACE "/$" "" path "${path}")
  set(${out} "${path}" PARENT_SCOPE)
endfunction()
