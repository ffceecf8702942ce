# Included by publish.cmake: the compile commands of this target, as clangd takes them, into its
# fragment in CMakeFiles/kovet-compile-commands, and from there into compile_commands.json.

# What gcc knows and clang does not; it matters to code generation only.
set(gcc_only
  "-mpreferred-stack-boundary=[^ ]*" "-mindirect-branch[^ ]*" "-mfunction-return=[^ ]*" "-mskip-rax-setup"
  "-mrecord-mcount" "-mharden-sls=[^ ]*" "-mstack-protector-guard[^ ]*" "-mfentry" "-mabi=lp64"
  "-fno-allow-store-data-races" "-fconserve-stack" "-fmin-function-alignment=[^ ]*" "-falign-jumps=[^ ]*"
  "-falign-loops=[^ ]*" "-falign-functions=[^ ]*" "-fno-ipa-[^ ]*" "-fno-tree-[^ ]*" "-fno-partial-inlining"
  "-fno-code-hoisting" "-fno-gcse" "-fno-reorder-blocks" "-flive-patching=[^ ]*" "-fno-var-tracking[^ ]*"
  "-femit-struct-debug-[^ ]*" "-fsanitize=[^ ]*" "-fplugin[^ ]*" "-fstrict-flex-arrays[^ ]*" "-ftrivial-[^ ]*"
  "-fzero-call-used-regs=[^ ]*" "-fpatchable-function-entry=[^ ]*" "-fcf-protection=[^ ]*"
  "-Wa,[^ ]*" "-Wp,-M[^ ]*" "-Wimplicit-fallthrough=[^ ]*" "-Wno-[^ ]*" "-Wpacked-not-aligned"
  "-W[a-z-]+=[0-9][^ ]*" "-Wcast-function-type" "-Wrestrict" "-Wenum-conversion" "-DKCSAN[^ ]*")

include("${CMAKE_CURRENT_LIST_DIR}/make_folder.cmake")
set(entries "")
foreach(command IN LISTS commands)
  if(NOT command MATCHES "\\.o\\.cmd$" OR command MATCHES "\\.mod\\.o\\.cmd$|module-common")
    continue()
  endif()
  file(READ "${command}" text)
  if(NOT text MATCHES "^(savedcmd|cmd)_([^ ]+) := ([^\n]*)")
    continue()
  endif()
  set(object "${CMAKE_MATCH_2}")
  set(line "${CMAKE_MATCH_3}")
  if(NOT text MATCHES "\nsource_[^\n]* := ([^\n]+\\.c)\n")
    continue()
  endif()
  set(file "${CMAKE_MATCH_1}")
  # What follows the compiler in the same rule: objtool, symbol versions.
  string(FIND "${line}" " ; " end)
  if(NOT end EQUAL -1)
    string(SUBSTRING "${line}" 0 ${end} line)
  endif()
  string(FIND "${line}" " && " end)
  if(NOT end EQUAL -1)
    string(SUBSTRING "${line}" 0 ${end} line)
  endif()
  string(REPLACE "$$" "$" line "${line}")
  string(REPLACE "$(pound)" "#" line "${line}")
  foreach(flag IN LISTS gcc_only)
    # Most are not there: a fixed string is found sooner than a pattern.
    string(REGEX REPLACE "\\[.*$" "" beginning "${flag}")
    string(FIND "${line}" " ${beginning}" position)
    if(NOT position EQUAL -1)
      string(REGEX REPLACE " ${flag}( |$)" " " line "${line}")
      string(REGEX REPLACE " ${flag}( |$)" " " line "${line}")
    endif()
  endforeach()
  kovet_make_folder("${command}" directory)
  if(NOT IS_ABSOLUTE "${file}" AND (works_in_output OR file MATCHES "^\\.\\./"))
    kovet_from_make_folder("${file}" "${directory}" absolute)
    string(REPLACE " ${file}" " ${absolute}" line "${line}")
    set(file "${absolute}")
  endif()
  if(kind STREQUAL "project")
    string(REPLACE "${work}/" "${project}/" named "${file}")
    if(EXISTS "${named}")
      string(REPLACE " ${file}" " ${named}" line "${line}")
      set(file "${named}")
    endif()
  endif()
  foreach(value line file object)
    string(REPLACE "\\" "\\\\" ${value} "${${value}}")
    string(REPLACE "\"" "\\\"" ${value} "${${value}}")
  endforeach()
  string(APPEND entries
    "{\"directory\": \"${directory}\", \"command\": \"${line}\", \"file\": \"${file}\", \"output\": \"${object}\"}\n")
endforeach()

set(fragments "${top_binary_dir}/CMakeFiles/kovet-compile-commands")
file(MAKE_DIRECTORY "${fragments}")
string(MD5 hash "${work}")
file(WRITE "${fragments}/${hash}.txt" "${entries}")
include("${CMAKE_CURRENT_LIST_DIR}/join_compile_commands.cmake")
