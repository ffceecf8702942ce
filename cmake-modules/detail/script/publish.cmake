# Run by a module's rule after validation: cmake -D settings=<file> -P publish.cmake
#
# Holds what kovet_install configures against the modules, writes the depfile from Kbuild's .cmd
# files, then gives the modules their final names.
cmake_minimum_required(VERSION 3.25)
include("${settings}")
include("${CMAKE_CURRENT_LIST_DIR}/write_whole.cmake")
if(parameters)
  execute_process(COMMAND "${kovet}" check --quiet ${validation} ${parameters} ${built}
    OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message("${text}")
    message(FATAL_ERROR "kovet_install: MODPROBE_OPTIONS do not fit ${target}\n  Fix: correct them in the call of kovet_install; the findings are above")
  endif()
endif()
include("${CMAKE_CURRENT_LIST_DIR}/write_depfile.cmake")
# Under Make CMake joins depfiles to what it read of them before, and never forgets a file that has gone.
file(REMOVE "${depend_cache}")
file(WRITE "${work}/.kovet-made" "")
include("${CMAKE_CURRENT_LIST_DIR}/compile_commands.cmake")

get_filename_component(folder "${symvers}" DIRECTORY)
file(MAKE_DIRECTORY "${folder}")
set(text "")
set(from "${work}/Module.symvers")
if(kind STREQUAL "project")
  set(from "${work}/.modules/Module.symvers")
endif()
if(EXISTS "${from}")
  file(READ "${from}" text)
endif()
kovet_write_or_fail("${target}" "${symvers}.new" "${text}")
foreach(from to IN ZIP_LISTS built kos)
  file(COPY_FILE "${from}" "${to}.new")
endforeach()
# The time when the rule began: what was edited meanwhile is newer, and is built the next time.
set(outputs "${symvers}" ${kos})
set(new ${outputs})
list(TRANSFORM new APPEND ".new")
execute_process(COMMAND touch -r "${work}/.kovet-begun" ${new} COMMAND_ERROR_IS_FATAL ANY)
foreach(output IN LISTS outputs)
  file(RENAME "${output}.new" "${output}")
endforeach()
