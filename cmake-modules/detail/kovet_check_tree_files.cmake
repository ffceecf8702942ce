include("${CMAKE_CURRENT_LIST_DIR}/kovet_fail.cmake")

# kovet_check_tree_files(<function> <build directory> <fix>)
#
# Fatal when files that are there hold nothing that Kbuild can use: a configuration without options,
# a Module.symvers that is compressed, which modpost cannot read.
function(kovet_check_tree_files function build fix)
  foreach(file include/config/auto.conf include/generated/autoconf.h)
    file(STRINGS "${build}/${file}" option REGEX "CONFIG_" LIMIT_COUNT 1)
    if(NOT option)
      kovet_fail("${function}" "${build}/${file} has no option of the kernel's configuration in it" "${fix}")
    endif()
  endforeach()
  set(file "${build}/Module.symvers")
  file(READ "${file}" first LIMIT 6 HEX)
  set(program "")
  if(first MATCHES "^1f8b")
    set(program "gzip")
  elseif(first STREQUAL "fd377a585a00")
    set(program "xz")
  elseif(first MATCHES "^28b52ffd")
    set(program "zstd")
  endif()
  if(program)
    kovet_fail("${function}" "${file} is packed with ${program}: modpost reads plain text"
      "unpack it: ${program} -dc ${file} > ${file}.plain && mv ${file}.plain ${file}")
  endif()
endfunction()
