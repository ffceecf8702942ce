# What steps.cmake files are written in. Each function fails the test with what it ran and got.
#
# configure([EXPECT_ERROR <regex>] [<cmake argument>...])   ${source} into ${binary}
# build([EXPECT_ERROR <regex>] [EXPECT <regex>] [NO_WORK] [<build tool argument>...])
# change(<file>)            appends a newline to a file and moves its time on
# expect_rebuilt(<file>...) the next build() must renew exactly these of ${watched}
# read_only(<folder> <out>)   a prefix to commands for which nothing can be written there, or none
# need_kernels(<count> <out>)   releases with headers, or a stated skip (a failure with CI set)
# need_image(<out> <out> <release>...)   a kernel to boot, likewise

function(fail what)
  message(FATAL_ERROR "${what}")
endfunction()

# run(<out> <error expected?> <regex> <command>...)
function(run out expect_error regex)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "")
  execute_process(COMMAND ${arg_UNPARSED_ARGUMENTS} RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text
    ENCODING NONE)
  list(JOIN ARGN " " command)
  # CMake wraps its messages.
  string(REGEX REPLACE "[ \n]+" " " flat "${text}")
  if(expect_error AND result EQUAL 0)
    fail("should have failed: ${command}\n${text}")
  elseif(NOT expect_error AND NOT result EQUAL 0)
    fail("failed (${result}): ${command}\n${text}")
  elseif(regex AND NOT flat MATCHES "${regex}")
    fail("the output of ${command}\nshould match: ${regex}\n${text}")
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "EXPECT_ERROR;EXPECT" "")
  set(expect_error FALSE)
  if(arg_EXPECT_ERROR)
    set(expect_error TRUE)
    set(arg_EXPECT "${arg_EXPECT_ERROR}")
  endif()
  run(text ${expect_error} "${arg_EXPECT}" "${CMAKE_COMMAND}" -G "${generator}" -S "${source}"
    -B "${binary}" "-DCMAKE_PREFIX_PATH=${prefix}" ${arg_UNPARSED_ARGUMENTS})
  set(output "${text}" PARENT_SCOPE)
endfunction()

function(build)
  cmake_parse_arguments(PARSE_ARGV 0 arg "NO_WORK" "EXPECT_ERROR;EXPECT" "")
  set(expect_error FALSE)
  if(arg_EXPECT_ERROR)
    set(expect_error TRUE)
    set(arg_EXPECT "${arg_EXPECT_ERROR}")
  endif()
  if(arg_NO_WORK AND generator STREQUAL "Ninja")
    set(arg_EXPECT "no work to do")
  endif()
  run(text ${expect_error} "${arg_EXPECT}" "${CMAKE_COMMAND}" --build "${binary}" --parallel 2
    ${arg_UNPARSED_ARGUMENTS})
  if(arg_NO_WORK AND text MATCHES "Building kernel module")
    fail("should have had nothing to do:\n${text}")
  endif()
  set(output "${text}" PARENT_SCOPE)
endfunction()

function(change file)
  # Times of files must differ for make to see it.
  execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 0.02)
  file(APPEND "${file}" "\n")
endfunction()

# rebuilds(<file of ${watched}>...): builds, and exactly these files were replaced.
function(rebuilds)
  foreach(file IN LISTS watched)
    file(TIMESTAMP "${file}" stamp "%s.%f")
    set("before_${file}" "${stamp}")
  endforeach()
  build()
  foreach(file IN LISTS watched)
    file(TIMESTAMP "${file}" stamp "%s.%f")
    list(FIND ARGN "${file}" position)
    if(position EQUAL -1 AND NOT stamp STREQUAL "${before_${file}}")
      fail("should not have been rebuilt: ${file}\n${output}")
    elseif(NOT position EQUAL -1 AND stamp STREQUAL "${before_${file}}")
      fail("should have been rebuilt: ${file}\n${output}")
    endif()
  endforeach()
  build(NO_WORK)
endfunction()

# read_only(<folder> <out>): in a mount namespace of its own, because permissions do not stop root.
function(read_only folder out)
  set(${out} "" PARENT_SCOPE)
  foreach(unshare "unshare;-m" "unshare;-rm")
    set(prefix ${unshare} sh -c
      "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && ! touch \"$0/written\" 2>/dev/null && cd . && exec \"$@\""
      "${folder}")
    execute_process(COMMAND ${prefix} true RESULT_VARIABLE failed ERROR_QUIET)
    if(NOT failed)
      set(${out} "${prefix}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message("no folder can be made read-only here: permissions alone were taken")
endfunction()

function(expect_file file)
  if(NOT EXISTS "${file}")
    fail("should be there: ${file}")
  endif()
endfunction()

function(expect_no_file file)
  if(EXISTS "${file}")
    fail("should not be there: ${file}")
  endif()
endfunction()

# expect_modinfo(<ko> <field> <regex>)
function(expect_modinfo ko field regex)
  find_program(modinfo modinfo PATHS /sbin /usr/sbin NO_CACHE REQUIRED)
  run(text FALSE "${regex}" "${modinfo}" -F "${field}" "${ko}")
endfunction()

# list_tree(<folder> <out>): every name below it with its type, permissions, size, time and, of
# files, content.
function(list_tree folder out)
  run(names FALSE "" sh -c "cd '${folder}' && find . -printf '%P %y %m %s %T@ %l\\n' | LC_ALL=C sort")
  run(contents FALSE "" sh -c "cd '${folder}' && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum")
  set(${out} "${names}${contents}" PARENT_SCOPE)
endfunction()

# expect_untouched(): the source folder is as it was copied.
function(expect_untouched)
  file(GLOB_RECURSE here RELATIVE "${source}" "${source}/*" "${source}/.*")
  file(GLOB_RECURSE there RELATIVE "${case}" "${case}/*" "${case}/.*")
  list(SORT here)
  list(SORT there)
  if(NOT here STREQUAL there)
    fail("the source folder should be untouched, it holds ${here}")
  endif()
endfunction()

function(need_kernels count out)
  if(DEFINED ENV{KOVET_TEST_KERNELS})
    string(REPLACE " " ";" kernels "$ENV{KOVET_TEST_KERNELS}")
  else()
    file(GLOB kernels "/lib/modules/*/build/Module.symvers")
    list(TRANSFORM kernels REPLACE "^/lib/modules/([^/]+)/.*$" "\\1")
    list(SORT kernels COMPARE NATURAL ORDER DESCENDING)
  endif()
  set(complete "")
  foreach(kernel IN LISTS kernels)
    if(EXISTS "/lib/modules/${kernel}/build/Module.symvers")
      list(APPEND complete "${kernel}")
    endif()
  endforeach()
  list(LENGTH complete found)
  if(found LESS count)
    if(NOT "$ENV{CI}" STREQUAL "")
      fail("${count} kernels with headers are needed, ${found} found; install linux-headers-*")
    endif()
    message("[skipped] ${count} kernels with headers are needed, ${found} found; install linux-headers-*")
    set(skip TRUE PARENT_SCOPE)
  endif()
  set(${out} "${complete}" PARENT_SCOPE)
endfunction()

# need_image(<out release> <out folder> <release>...): the first of them whose linux-image package is unpacked
# (tests/support/kernels.sh images), or a stated skip (a failure with CI set).
function(need_image out_release out_folder)
  set(images "${kovet_source}/build/kernels")
  if(DEFINED ENV{KOVET_TEST_IMAGES})
    set(images "$ENV{KOVET_TEST_IMAGES}")
  endif()
  foreach(release IN LISTS ARGN)
    if(EXISTS "${images}/${release}/boot/vmlinuz-${release}")
      set(${out_release} "${release}" PARENT_SCOPE)
      set(${out_folder} "${images}/${release}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  if(NOT "$ENV{CI}" STREQUAL "")
    fail("no kernel image is unpacked below ${images}; run tests/support/kernels.sh images")
  endif()
  message("[skipped] no kernel image is unpacked below ${images}; run tests/support/kernels.sh images")
  set(skip TRUE PARENT_SCOPE)
endfunction()

# copy_kernel(<release> <folder>): a build directory whose files may be changed; the headers proper
# are shared by links.
function(copy_kernel release folder)
  file(REAL_PATH "/lib/modules/${release}/build" from)
  run(text FALSE "" cp -a "${from}" "${folder}")
  foreach(link scripts tools)
    if(IS_SYMLINK "${folder}/${link}")
      file(REAL_PATH "${from}/${link}" to)
      file(REMOVE "${folder}/${link}")
      file(CREATE_LINK "${to}" "${folder}/${link}" SYMBOLIC)
    endif()
  endforeach()
endfunction()

# use_example(<name>): the project under examples/, instead of the case's own.
macro(use_example name)
  file(COPY "${kovet_source}/examples/${name}/" DESTINATION "${source}")
endmacro()
