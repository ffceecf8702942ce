# Run by run_make.sh after make: cmake -D log=<what make said on stderr> -P hints.cmake
#
# Prints what to do about the messages that are known; each hint once.
cmake_minimum_required(VERSION 3.25)
file(STRINGS "${log}" lines ENCODING UTF-8)
set(hints "")

# hint(<regex> <text>): \\1, \\2 and \\3 in the text are what the regex matched.
function(hint regex text)
  foreach(line IN LISTS lines)
    if(line MATCHES "${regex}")
      foreach(i 1 2 3)
        string(REPLACE "\\${i}" "${CMAKE_MATCH_${i}}" text "${text}")
      endforeach()
      if(NOT text IN_LIST hints)
        list(APPEND hints "${text}")
        set(hints "${hints}" PARENT_SCOPE)
        execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "Kovet: hint: ${text}")
      endif()
      return()
    endif()
  endforeach()
endfunction()

hint("modpost: \"([^\"]+)\" \\[([^]]+)\\] undefined"
  "\\1 is exported neither by the kernel nor by a module that this one links to. When another module exports it: LINK_MODULES <its target>. Else the kernel offers it to no module, or not under this configuration: grep -w \\1 <kernel>/Module.symvers")
hint("missing MODULE_LICENSE\\(\\) in ([^ ]+)"
  "add MODULE_LICENSE(\"GPL\"), or what the licence is, to one of the sources of \\1")
hint("module ([^ ]+) uses symbol ([^ ]+) from namespace ([^ ,]+), but does not import it"
  "add MODULE_IMPORT_NS(\\3) to a source of \\1 (with quotes, MODULE_IMPORT_NS(\"\\3\"), from kernel 6.13 on)")
hint("GPL-incompatible module ([^ ]+) uses GPL-only symbol '([^']+)'"
  "\\2 is for modules under a licence compatible with the GPL: what MODULE_LICENSE() of \\1 says is none")
hint("modpost: ([^ ]+): '([^']+)' exported twice\\. Previous export was in ([^ ]+)"
  "\\3 exports \\2 already, and the kernel refuses a module that exports it once more: give it another name in \\1, or drop its EXPORT_SYMBOL() and use that of \\3")
hint("(Symbol version dump|Module\\.symvers).* is missing"
  "without the kernel's Module.symvers symbols and their versions cannot be checked: reinstall the kernel's headers, or build the kernel tree with make, not with make modules_prepare alone")
hint("modpost: .*section mismatch in reference: (.*)"
  "code that stays uses code or data that is freed after init (or the other way round): mark both __init or __exit, or neither")
hint("modpost: missing MODULE_DESCRIPTION\\(\\) in ([^ ]+)"
  "add MODULE_DESCRIPTION(\"...\") to one of the sources of \\1")
hint("fatal error: ([^ ]+): No such file or directory"
  "\\1 is in no folder that is searched: add its folder to INCLUDE_DIRECTORIES; for a generated header, list it in HEADERS; for a kernel header, this kernel may have it elsewhere")
# Quoted by three bytes in a UTF-8 locale.
hint("implicit declaration of function [^A-Za-z0-9_]*([A-Za-z0-9_]+)"
  "this kernel does not declare \\1 in the headers that are included: it may be elsewhere, renamed or gone in this release: grep -rw \\1 <kernel>/include")
hint("(unrecognized command-line option|unknown argument:|unknown warning option) [^A-Za-z-]*([^ '’]+)"
  "the compiler is not the one that this kernel was configured for: install that one (see the summary when CMake configures)")
hint("(cannot load plugin|incompatible gcc/plugin versions)"
  "the kernel's GCC plugins work with the very compiler they were built for: install that one, or build them anew: make -C <kernel> modules_prepare")
# Of Kbuild's own programs fixdep has its own words for it.
hint("(No space left on device|fixdep: not all data was written to the output)"
  "make room, then build again: what is half written is made anew")
