# Included by publish.cmake: what Kbuild read, from the .cmd files it left, as a depfile for the
# first output. The kernel's own state is in it too: configuration, release, symvers, and the
# folders that a package manager renames new files into.
set(dependencies "")
file(GLOB_RECURSE commands "${work}/.*.cmd")
foreach(command IN LISTS commands)
  file(READ "${command}" text)
  string(REGEX MATCHALL "\n  [^ $\n][^ \n]*" found "${text}")
  if(text MATCHES "\nsource_[^\n]* := ([^\n]+)")
    list(APPEND found "${CMAKE_MATCH_1}")
  endif()
  list(APPEND dependencies ${found})
  list(REMOVE_DUPLICATES dependencies)
endforeach()
list(TRANSFORM dependencies STRIP)
list(REMOVE_DUPLICATES dependencies)

set(files
  "${kernel}/Module.symvers"
  "${kernel}/include/config"
  "${kernel}/include/config/auto.conf"
  "${kernel}/include/generated"
  "${kernel}/include/generated/autoconf.h"
  "${kernel}/include/generated/utsrelease.h")
foreach(file IN LISTS dependencies)
  if(NOT IS_ABSOLUTE "${file}")
    if(EXISTS "${kernel}/${file}")
      set(file "${kernel}/${file}")
    elseif(EXISTS "${work}/${file}")
      set(file "${work}/${file}")
    else()
      continue()
    endif()
  endif()
  list(APPEND files "${file}")
endforeach()
if(kind STREQUAL "sources")
  # Kbuild's own products are no inputs; a folder reached through a link is.
  string(REGEX REPLACE "([][+.*()^$?|\\\\])" "\\\\\\1" pattern "${work}")
  list(FILTER files EXCLUDE REGEX "^${pattern}/[^.]")
endif()
list(TRANSFORM files REPLACE "([ #])" "\\\\\\1")
list(GET kos 0 first)
string(REGEX REPLACE "([ #])" "\\\\\\1" first "${first}")
list(JOIN files " \\\n  " files)
file(WRITE "${work}.d" "${first}: \\\n  ${files}\n")
