# Run before the rule of a module that links to others: cmake -D settings=<file> -D n=<number> -P neighbour.cmake
#
# Asks whether a linked target's .ko files are what its symvers file says, and for this kernel. The
# stamp is a copy of the symvers file that stays as it is when nothing changed, so that a neighbour
# that was built again without a change of its interface rebuilds nothing.
cmake_minimum_required(VERSION 3.25)
include("${settings}")
foreach(part target symvers kos fix stamp)
  set(neighbour_${part} "${neighbour_${n}_${part}}")
endforeach()

function(stale why)
  message(FATAL_ERROR "Kovet: ${target}: ${neighbour_target}, which it links to, is stale: ${why}\n  Fix: ${neighbour_fix}")
endfunction()

foreach(file IN LISTS neighbour_kos ITEMS "${neighbour_symvers}")
  if(NOT EXISTS "${file}")
    stale("${file} has gone")
  endif()
endforeach()
set(only "")
foreach(rule exports-out-of-step release-mismatch vermagic-missing vermagic-mismatch
             module-layout-mismatch struct-module-size-mismatch empty-file elf-malformed)
  list(APPEND only --only ${rule})
endforeach()
execute_process(
  COMMAND "${kovet}" check --quiet --color never --kernel "${kernel}"
          --own-symvers "${neighbour_symvers}" ${only} ${neighbour_kos}
  RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_VARIABLE text)
if(failed)
  string(STRIP "${text}" text)
  stale("its .ko and its symvers, ${neighbour_symvers}, are not of one build for ${release}:\n${text}")
endif()

# A file that is replaced, whatever its time, changes its folder.
set(files ${neighbour_kos} "${neighbour_symvers}")
foreach(file IN LISTS neighbour_kos)
  get_filename_component(folder "${file}" DIRECTORY)
  string(FIND "${folder}/" "${top_binary_dir}/" inside)
  if(NOT inside EQUAL 0)
    list(APPEND files "${folder}")
  endif()
endforeach()
list(REMOVE_DUPLICATES files)
list(TRANSFORM files REPLACE "([ #])" "\\\\\\1")
list(JOIN files " \\\n  " files)
string(REGEX REPLACE "([ #])" "\\\\\\1" escaped "${neighbour_stamp}")
file(WRITE "${neighbour_stamp}.d" "${escaped}: \\\n  ${files}\n")
file(COPY_FILE "${neighbour_symvers}" "${neighbour_stamp}" ONLY_IF_DIFFERENT)
