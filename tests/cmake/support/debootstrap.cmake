# need_root()               root's rights; or a stated skip with ${skip} set (a failure with CI set)
# debootstrap_root(<out>)   the folder of a root of this distribution, kept between runs: what is in it
#                           is the distribution's alone
# inside(<error expected?> <regex> <command>...)   run() in ${root}

function(need_root)
  execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT user EQUAL 0)
    lacking("root's rights" skip)
    set(skip "${skip}" PARENT_SCOPE)
  endif()
endfunction()

function(debootstrap_root out)
  file(STRINGS /etc/os-release codename REGEX "^VERSION_CODENAME=")
  string(REGEX REPLACE "^VERSION_CODENAME=\"?([a-z]+)\"?$" "\\1" codename "${codename}")
  set(root "${scratch}/../../debootstrap-${codename}")
  if(NOT EXISTS "${root}/.complete")
    file(REMOVE_RECURSE "${root}")
    run(text FALSE "" "${found_debootstrap}" --variant=minbase --include=kmod "${codename}" "${root}")
    file(TOUCH "${root}/.complete")
  endif()
  set(${out} "${root}" PARENT_SCOPE)
endfunction()

function(inside expect_error regex)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "")
  run(text ${expect_error} "${regex}" chroot "${root}" /usr/bin/env LC_ALL=C DEBIAN_FRONTEND=noninteractive
    PATH=/usr/sbin:/usr/bin:/sbin:/bin ${arg_UNPARSED_ARGUMENTS})
endfunction()
