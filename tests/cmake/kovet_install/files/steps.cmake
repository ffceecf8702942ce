need_kernels(1 kernels)
if(skip)
  return()
endif()
list(GET kernels 0 kernel)
string(REGEX REPLACE "([+.])" "\\\\\\1" kernel_regex "${kernel}")
set(root "${scratch}/root dir")
set(folder "${root}/usr/lib/modules/${kernel}/updates/greet")
function(install_into destdir)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXPECT_ERROR;EXPECT;PREFIX" "")
  set(expect_error FALSE)
  if(arg_EXPECT_ERROR)
    set(expect_error TRUE)
    set(arg_EXPECT "${arg_EXPECT_ERROR}")
  endif()
  if(NOT arg_PREFIX)
    set(arg_PREFIX /usr)
  endif()
  run(text ${expect_error} "${arg_EXPECT}" "${CMAKE_COMMAND}" -E env "DESTDIR=${destdir}"
    "${CMAKE_COMMAND}" --install "${binary}" --prefix "${arg_PREFIX}")
endfunction()
function(expect_text file regex)
  expect_file("${file}")
  file(READ "${file}" text)
  if(NOT text MATCHES "${regex}")
    fail("${file} should match ${regex}, it is:\n${text}")
  endif()
endfunction()

# Before anything is built, nothing is installed.
configure("-DKOVET_KERNEL=${kernel}" -Dcompress=XZ)
install_into("${root}" EXPECT_ERROR "greeting.ko is not built Fix: cmake --build")
expect_no_file("${folder}")

build()
install_into("${root}" EXPECT "run: depmod -a ${kernel_regex} \\(for a whole root file system there: depmod -b '[^']*/root dir/usr/' ${kernel_regex}\\)")
expect_file("${folder}/greeting.ko.xz")
expect_file("${folder}/greeting.symvers")
expect_text("${root}/etc/modprobe.d/greet.conf"
  "options greeting times=3 who=all\nsoftdep greeting pre: dummy\nblacklist dummy\n")
expect_text("${root}/etc/modules-load.d/greet.conf" "\ngreeting\n$")
run(text FALSE "" xz -t "${folder}/greeting.ko.xz")

# Another compression replaces the first; a copy elsewhere is reported.
configure(-Dcompress=NONE)
build()
file(MAKE_DIRECTORY "${root}/usr/lib/modules/${kernel}/extra")
file(COPY_FILE "${folder}/greeting.ko.xz" "${root}/usr/lib/modules/${kernel}/extra/greeting.ko.xz")
install_into("${root}" EXPECT "another copy of greeting is there: extra/greeting.ko.xz.* extra/greeting.ko.xz loses: .*updates/greet/greeting.ko wins: ")
expect_file("${folder}/greeting.ko")
expect_no_file("${folder}/greeting.ko.xz")

# modprobe finds it after depmod.
find_program(depmod depmod PATHS /sbin /usr/sbin NO_CACHE)
if(depmod)
  file(REMOVE_RECURSE "${root}/usr/lib/modules/${kernel}/extra")
  file(WRITE "${root}/usr/lib/modules/${kernel}/modules.order" "")
  file(WRITE "${root}/usr/lib/modules/${kernel}/modules.builtin" "")
  run(text FALSE "" "${depmod}" -b "${root}/usr" "${kernel}")
  expect_text("${root}/usr/lib/modules/${kernel}/modules.dep" "updates/greet/greeting.ko:")
endif()

# A module that does not pass leaves the installed one as it was.
file(SHA256 "${folder}/greeting.ko" before)
file(WRITE "${binary}/greeting.ko" "no module")
install_into("${root}" EXPECT_ERROR "greeting does not pass validation .* Nothing was installed")
file(SHA256 "${folder}/greeting.ko" after)
if(NOT before STREQUAL after)
  fail("the installed module changed")
endif()

file(REMOVE "${binary}/greeting.ko")
build()
# A folder under the name of a file.
foreach(place "usr/lib/modules/${kernel}/updates/greet/greeting.ko" etc/modprobe.d/greet.conf)
  file(MAKE_DIRECTORY "${scratch}/in the way/${place}")
  install_into("${scratch}/in the way" EXPECT_ERROR "kovet_install: [^:]*/in the way/[^:]* is a folder, where a file is to be Fix: move it .* Nothing was installed")
  file(GLOB_RECURSE left "${scratch}/in the way/*")
  if(left)
    fail("something was installed: ${left}")
  endif()
  file(REMOVE_RECURSE "${scratch}/in the way")
endforeach()

# A full disk, a folder that cannot be written, and a file that cannot be replaced when others are
# already leave it as well.
execute_process(COMMAND unshare -m true RESULT_VARIABLE unshared OUTPUT_QUIET ERROR_QUIET)
if(unshared EQUAL 0)
  file(MAKE_DIRECTORY "${scratch}/small")
  foreach(how full read-only busy)
    set(said "cannot write")
    set(spoil "head -c 100m /dev/zero >\"$1/ballast\" 2>/dev/null")
    if(how STREQUAL "read-only")
      set(spoil "mount -o remount,ro \"$1\"")
    elseif(how STREQUAL "busy")
      set(said "etc/modules-load.d/greet.conf cannot be replaced")
      set(spoil "mkdir -p \"$1/etc/modules-load.d\"; busy=\"$1/etc/modules-load.d/greet.conf\"; : >\"$busy\"; mount --bind \"$busy\" \"$busy\"")
    endif()
    run(text FALSE "kovet_install: .*${said}.* Nothing was installed" unshare -m sh -c "
      mount -t tmpfs -o size=1m tmpfs \"$1\" || exit 1
      old=\"$1/usr/lib/modules/$4/updates/greet\"
      mkdir -p \"$old\" && echo old >\"$old/greeting.ko\"
      ${spoil}
      before=$(find \"$1\")
      DESTDIR=\"$1\" \"$2\" --install \"$3\" --prefix /usr && exit 1
      [ \"$(find \"$1\")\" = \"$before\" ] && [ \"$(cat \"$old/greeting.ko\")\" = old ] && [ \"$(ls -A \"$old\")\" = greeting.ko ] && [ ! -e \"$1/etc/modprobe.d/greet.conf\" ]"
      sh "${scratch}/small" "${CMAKE_COMMAND}" "${binary}" "${kernel}")
  endforeach()
  # The steps of a build notice as well what file(WRITE) does not say.
  file(WRITE "${scratch}/write.cmake" "include(${prefix}/lib/cmake/Kovet/detail/script/write_whole.cmake)
kovet_write_or_fail(greeting \"\${to}\" \"\${text}\")\n")
  foreach(content short "one;two \\ three")
    run(text FALSE "" "${CMAKE_COMMAND}" -D "to=${scratch}/written" -D "text=${content}" -P "${scratch}/write.cmake")
    run(text FALSE "Kovet: greeting: cannot write .* Fix: make room there, and build again" unshare -m sh -c "
      mount -t tmpfs -o size=64k tmpfs \"$1\" && head -c 1m /dev/zero >\"$1/ballast\" 2>/dev/null
      ! \"$2\" -D \"to=$1/written\" -D \"text=$3\" -P \"$4\"" sh "${scratch}/small" "${CMAKE_COMMAND}" "${content}" "${scratch}/write.cmake")
  endforeach()
  # Nor does a build folder in which there is no room for the last of the files that are made ready.
  file(MAKE_DIRECTORY "${scratch}/target")
  file(SIZE "${binary}/greeting.ko" room)
  math(EXPR room "(${room} + 4095) / 4096 * 4")
  foreach(more 0 4)
    run(text FALSE "kovet_install: cannot write [^ ]*greet.targets.cmake.* Fix: make room there.* Nothing was installed" unshare -m sh -c "
      place=\"$1/CMakeFiles/greet.install\"; cp -a \"$place\" \"$1/copy\"; rm -rf \"$1/copy/$4.stage\"
      mount -t tmpfs -o size=4m tmpfs \"$place\" && cp -a \"$1/copy/.\" \"$place\" && rm -r \"$1/copy\" && mkdir \"$place/$4.stage\" || exit 1
      free=$(df --output=avail -k \"$place\" | tail -1); head -c $(((free - ${room} - ${more}) * 1024)) /dev/zero >\"$place/ballast\"
      ! DESTDIR=\"$3\" \"$2\" --install \"$1\" --prefix /usr && [ -z \"$(ls -A \"$3\")\" ]"
      sh "${binary}" "${CMAKE_COMMAND}" "${scratch}/target" "${kernel}")
  endforeach()
  # Nor does a first installation on a full disk leave anything, not even folders.
  run(text FALSE "kovet_install: cannot write .* Nothing was installed" unshare -m sh -c "
    mount -t tmpfs -o size=64k tmpfs \"$1\" && head -c 1m /dev/zero >\"$1/ballast\" 2>/dev/null
    DESTDIR=\"$1\" \"$2\" --install \"$3\" --prefix /usr && exit 1
    [ \"$(ls -A \"$1\")\" = ballast ]" sh "${scratch}/small" "${CMAKE_COMMAND}" "${binary}")
  # depmod runs for this release when the root is live: a machine of its own, whose /lib/modules is empty.
  set(live "${scratch}/live")
  file(MAKE_DIRECTORY "${live}/${kernel}")
  foreach(index order builtin builtin.modinfo)
    file(WRITE "${live}/${kernel}/modules.${index}" "")
  endforeach()
  file(CREATE_LINK "/usr/src/linux-headers-${kernel}" "${live}/${kernel}/build" SYMBOLIC)
  file(MAKE_DIRECTORY "${scratch}/live-etc" "${scratch}/live-lib")
  # The module that it replaces there is a package's, which knows it by its name below /lib.
  file(MAKE_DIRECTORY "${live}/${kernel}/updates/greet" "${scratch}/fake")
  file(WRITE "${live}/${kernel}/updates/greet/greeting.ko" "packaged")
  file(WRITE "${scratch}/fake/dpkg-query" "#!/bin/sh\ncase $2 in /lib/*) echo \"vendor-driver: $2\";; *) exit 1;; esac\n")
  file(CHMOD "${scratch}/fake/dpkg-query" PERMISSIONS OWNER_READ OWNER_EXECUTE)
  run(text FALSE "belongs to a package \\(vendor-driver: /lib/modules/.*Running: depmod -a .*options greeting" unshare -m sh -c "
    PATH=\"${scratch}/fake:$PATH\"
    modules=$(readlink -f /lib/modules) && mount --bind \"$1\" \"$modules\" || exit 1
    mkdir -p /etc/modprobe.d /etc/modules-load.d /usr/lib/cmake
    for d in /etc/modprobe.d /etc/modules-load.d /usr/lib/cmake; do mount -t tmpfs tmpfs $d || exit 1; done
    \"$2\" --install \"$3\" --prefix /usr && cat /etc/modprobe.d/greet.conf"
    sh "${live}" "${CMAKE_COMMAND}" "${binary}")
  expect_text("${live}/${kernel}/modules.dep" "updates/greet/greeting.ko:")
endif()

# Another project in the same folder is named.
file(MAKE_DIRECTORY "${scratch}/shared/usr/lib/modules/${kernel}/updates/greet")
file(COPY_FILE "${folder}/greet.targets.cmake" "${scratch}/shared/usr/lib/modules/${kernel}/updates/greet/other.targets.cmake")
install_into("${scratch}/shared" EXPECT "belongs to the project other")

# A prefix that modprobe does not look below is said to be one.
install_into("" PREFIX "${scratch}/local" EXPECT "modprobe does not look below ${scratch}/local: --prefix /usr is where it does")
install_into("${scratch}/staged" PREFIX /usr/local EXPECT "modprobe does not look below /usr/local: .*depmod -b ${scratch}/staged/usr/local/ ")
expect_file("${scratch}/staged/usr/local/etc/modprobe.d/greet.conf")
install_into("${scratch}/staged/" PREFIX / EXPECT "for a whole root file system there: depmod -b ${scratch}/staged/ ")
expect_file("${scratch}/staged/lib/modules/${kernel}/updates/greet/greeting.ko")
expect_file("${scratch}/staged/etc/modprobe.d/greet.conf")
expect_file("${scratch}/local/lib/modules/${kernel}/updates/greet/greeting.ko")
expect_file("${scratch}/local/etc/modprobe.d/greet.conf")
expect_file("${scratch}/local/lib/cmake/greet-modules/greet-modulesConfig.cmake")

# A second project finds the modules.
file(WRITE "${scratch}/second/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)
project(second LANGUAGES NONE)
find_package(greet-modules REQUIRED)
get_target_property(release greet::greeting KOVET_RELEASE)
get_target_property(ko greet::greeting KOVET_KO)
if(NOT release STREQUAL \"${kernel}\" OR NOT EXISTS \"\${ko}\")
  message(FATAL_ERROR \"found \${release} \${ko}\")
endif()
")
run(text FALSE "" "${CMAKE_COMMAND}" -S "${scratch}/second" -B "${scratch}/second/b"
  "-DCMAKE_PREFIX_PATH=${scratch}/local")

# Whoever installs, everybody can read it: the prefix is as the umask says, what is below is not.
run(text FALSE "^drwx------ [^\n]*/private drwxr-xr-x [^\n]*/private/etc drwxr-xr-x [^\n]*/private/etc/modprobe.d [^ ]+ [^\n]*/private/etc/modprobe.d/greet.conf drwxr-xr-x [^\n]*/private/lib/modules/${kernel_regex}/updates/greet $"
  sh -c "umask 077 && '${CMAKE_COMMAND}' --install '${binary}' --prefix '${scratch}/private' >/dev/null &&
  for name in '' /etc /etc/modprobe.d /etc/modprobe.d/greet.conf '/lib/modules/${kernel}/updates/greet'; do find '${scratch}/private'$name -maxdepth 0 -printf '%M %p\\n'; done")

# It is taken away as the documentation says.
install_into("" PREFIX "${scratch}/local")
run(text FALSE "^$" sh -c "xargs -d '\\n' rm -f <'${binary}/install_manifest.txt' && find '${scratch}/local' -type f")
