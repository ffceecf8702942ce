# Trees whose configuration says that another compiler built the kernel.
need_kernels(1 kernels)
need_programs(clang ld.lld llvm-ar)
if(skip)
  return()
endif()
list(GET kernels 0 kernel)

# configured(<folder> <line>...): a copy whose configuration has these lines instead.
function(configured folder)
  copy_kernel("${kernel}" "${folder}")
  file(READ "${folder}/include/config/auto.conf" conf)
  file(READ "${folder}/include/generated/autoconf.h" header)
  # Quoted before 6.12 or so.
  string(FIND "${conf}" "CONFIG_CC_VERSION_TEXT=\"" quoted)
  if(quoted EQUAL -1)
    set(quoted FALSE)
  else()
    set(quoted TRUE)
  endif()
  foreach(line IN LISTS ARGN)
    string(REGEX MATCH "^([A-Z0-9_]+)=(.*)$" ignored "${line}")
    set(name "${CMAKE_MATCH_1}")
    set(value "${CMAKE_MATCH_2}")
    string(REGEX REPLACE "(^|\n)CONFIG_${name}=[^\n]*" "" conf "${conf}")
    string(REGEX REPLACE "(^|\n)#define CONFIG_${name} [^\n]*" "" header "${header}")
    if(value)
      if(name STREQUAL "CC_VERSION_TEXT" AND NOT quoted)
        string(APPEND header "#define CONFIG_${name} ${value}\n")
        string(REPLACE "\"" "" value "${value}")
        string(APPEND conf "CONFIG_${name}=${value}\n")
        continue()
      endif()
      string(APPEND conf "CONFIG_${name}=${value}\n")
      string(REGEX REPLACE "^y$" "1" value "${value}")
      string(APPEND header "#define CONFIG_${name} ${value}\n")
    endif()
  endforeach()
  file(WRITE "${folder}/include/config/auto.conf" "${conf}")
  file(WRITE "${folder}/include/generated/autoconf.h" "${header}")
endfunction()

# Another GCC: said, with what it means; it goes on with the one that is here.
configured("${scratch}/gcc" "CC_VERSION_TEXT=\"gcc-99 (Debian 99.1.0-1) 99.1.0\"")
configure("-DKOVET_KERNEL=${scratch}/gcc"
  EXPECT "CMake Warning .*was built by 'gcc-99 \\(Debian 99.1.0-1\\) 99.1.0', this module will be by '[^']*gcc[^']*'.*structure layouts differ. Fix: install the kernel's compiler.*\\(the kernel: gcc-99 ")
build()

# GCC plugins whose files are not there.
configured("${scratch}/plugins" GCC_PLUGINS=y)
configure("-DKOVET_KERNEL=${scratch}/plugins" EXPECT_ERROR "was built with GCC plugins, and .* holds none Fix: ")

# clang, with the mitigations off that this distribution's clang does not know.
execute_process(COMMAND clang --version OUTPUT_VARIABLE version)
string(REGEX REPLACE "\n.*" "" version "${version}")
string(REGEX MATCH "version ([0-9]+)\\.([0-9]+)\\.([0-9]+)" ignored "${version}")
math(EXPR number "${CMAKE_MATCH_1} * 10000 + ${CMAKE_MATCH_2} * 100 + ${CMAKE_MATCH_3}")
configured("${scratch}/clang" "CC_VERSION_TEXT=\"${version}\"" CC_IS_GCC= CC_IS_CLANG=y GCC_VERSION=0
  CLANG_VERSION=${number} LD_IS_BFD= LD_VERSION=0 LD_IS_LLD=y LLD_VERSION=${number} AS_IS_GNU= AS_IS_LLVM=y
  MITIGATION_RETHUNK= MITIGATION_SLS= MITIGATION_UNRET_ENTRY= RETHUNK= SLS= CPU_UNRET_ENTRY= CC_HAS_SLS=
  CC_HAS_RETURN_THUNK= MITIGATION_SRSO= CPU_SRSO= CALL_PADDING= PREFIX_SYMBOLS= MITIGATION_CALL_DEPTH_TRACKING=
  CALL_DEPTH_TRACKING= CC_HAS_ENTRY_PADDING= FTRACE_MCOUNT_USE_CC=
  FTRACE_MCOUNT_USE_OBJTOOL=y CC_HAS_AUTO_VAR_INIT_ZERO_ENABLER=y CC_IMPLICIT_FALLTHROUGH=-Wimplicit-fallthrough)
file(REMOVE_RECURSE "${binary}")
configure("-DKOVET_KERNEL=${scratch}/clang" -DKOVET_BTF=OFF EXPECT "Kovet: kernel .* Kovet: compiler: [^-]*clang version .* Kovet: modules: plain")
build(--verbose EXPECT " LLVM=[1-9-].* CC=[^ ]*clang")
run(text FALSE "clang version" readelf -p .comment "${binary}/plain.ko")
build(NO_WORK)
