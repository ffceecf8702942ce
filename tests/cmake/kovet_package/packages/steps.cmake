# Packages of both kinds, what is in them, and DKMS's own build of the sources.
need_kernels(1 kernels)
need_programs(dpkg-deb rpmbuild rpm)
if(skip)
  return()
endif()
list(GET kernels 0 kernel)
string(REGEX REPLACE "([+.])" "\\\\\\1" pattern "${kernel}")
# A header in a folder that nobody listed belongs to the sources for DKMS all the same.
file(WRITE "${source}/include/deep/note.h" "/* nothing */\n")
file(APPEND "${source}/greeting.c" "#include <deep/note.h>\n")
configure("-DKOVET_KERNEL=${kernel}" -Dversion=1.2)
build(--target greet-packages)
file(GLOB deb "${binary}/packages/greet-modules-${kernel}_1.2_*.deb")
file(GLOB rpm "${binary}/packages/kmod-greet-${kernel}-1.2-1.*.rpm")
set(common "${binary}/packages/greet-modules-common_1.2_all.deb")
set(dkms "${binary}/packages/greet-dkms_1.2_all.deb")

run(text FALSE "linux-image-${pattern} \\| linux-image-${pattern}-unsigned \\| linux-image-unsigned-${pattern}, kmod, greet-modules-common \\(= 1.2\\)"
  "${found_dpkg-deb}" -f "${deb}" Depends)
run(text FALSE "/usr/lib/modules/${pattern}/updates/greet/greeting\\.ko" "${found_dpkg-deb}" -c "${deb}")
run(text FALSE "^.?/?etc/modprobe.d/greet.conf /etc/modules-load.d/greet.conf" "${found_dpkg-deb}" -I "${common}" conffiles)
run(text FALSE "depmod -a ${pattern}" "${found_dpkg-deb}" -I "${deb}" postinst)
run(text FALSE "depmod -a ${pattern}" "${found_dpkg-deb}" -I "${deb}" postrm)

# Folders are for everybody to enter, whatever the umask of who packages.
run(text FALSE "" sh -c "umask 077 && rm -r '${binary}/packages' && '${CMAKE_COMMAND}' --build '${binary}' --target greet-packages")
foreach(file "${deb}" "${common}" "${dkms}")
  run(text FALSE "^drwxr-xr-x root/root " "${found_dpkg-deb}" -c "${file}")
  if(text MATCHES "drwx------")
    fail("${file}:\n${text}")
  endif()
endforeach()
run(text FALSE "updates/greet [0-9 ]+ 0+ 040755 root root " "${found_rpm}" -qp --dump "${rpm}")

# Modules of another project that link to these need their package.
run(text FALSE "" "${CMAKE_COMMAND}" --install "${binary}" --prefix "${scratch}/installed")
file(COPY "${kovet_source}/tests/cmake/support/sources/plain.c" DESTINATION "${scratch}/user")
file(WRITE "${scratch}/user/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)
project(user VERSION 3 LANGUAGES NONE)
find_package(Kovet 0.1 REQUIRED)
find_package(greet-modules REQUIRED)
kovet_add_module(plain SOURCES plain.c LINK_MODULES \${linked})
kovet_install(TARGETS plain)
kovet_package(MAINTAINER \"Ann Author <ann@example.org>\")
")
run(text TRUE "there is no such target; a package that was found has greet::greeting Fix: LINK_MODULES greet::greeting"
  "${CMAKE_COMMAND}" -S "${scratch}/user" -B "${scratch}/user/b" "-DKOVET_KERNEL=${kernel}"
  "-DCMAKE_PREFIX_PATH=${prefix};${scratch}/installed" -Dlinked=greeting)
run(text FALSE "" "${CMAKE_COMMAND}" -S "${scratch}/user" -B "${scratch}/user/b" "-DKOVET_KERNEL=${kernel}"
  "-DCMAKE_PREFIX_PATH=${prefix};${scratch}/installed" -Dlinked=greet::greeting)
run(text FALSE "" "${CMAKE_COMMAND}" --build "${scratch}/user/b" --target user-packages)
file(GLOB made "${scratch}/user/b/packages/user-modules-${kernel}_3_*.deb")
run(text FALSE "user-modules-common \\(= 3\\), greet-modules-${pattern} $" "${found_dpkg-deb}" -f "${made}" Depends)
file(GLOB made "${scratch}/user/b/packages/kmod-user-${kernel}-3-1.*.rpm")
run(text FALSE " kmod-greet-${pattern} " "${found_rpm}" -qp --requires "${made}")

# What Debian's policy asks of every package.
foreach(file "${deb}" "${common}" "${dkms}")
  get_filename_component(name "${file}" NAME)
  string(REGEX REPLACE "_.*$" "" name "${name}")
  string(REGEX REPLACE "([+.])" "\\\\\\1" name "${name}")
  run(text FALSE "usr/share/doc/${name}/changelog.gz.*usr/share/doc/${name}/copyright" "${found_dpkg-deb}" -c "${file}")
  run(text FALSE "^Greets at load [A-Z]" "${found_dpkg-deb}" -f "${file}" Description)
endforeach()
find_program(lintian lintian NO_CACHE)
if(lintian)
  run(text FALSE "" "${lintian}" --allow-root --fail-on error,warning "${deb}" "${common}" "${dkms}")
endif()

run(text FALSE "/usr/lib/modules/${pattern}/updates/greet/greeting\\.ko" "${found_rpm}" -qpl "${rpm}")
run(text FALSE "postinstall scriptlet.*depmod -a ${pattern}.*postuninstall scriptlet.*depmod -a ${pattern}"
  "${found_rpm}" -qp --scripts "${rpm}")
run(text FALSE "greet-kmod-common = 1.2" "${found_rpm}" -qp --requires "${rpm}")
# The sources for DKMS are built with the same flags.
run(text FALSE "CFLAGS_greeting.o [+]= -I[$][(]src[)]/include '-DNOTE=\"a;b\"' '-include' 'linux/kernel.h'"
  sh -c "'${found_dpkg-deb}' --fsys-tarfile '${dkms}' | tar -xO ./usr/src/greet-1.2/Kbuild")
# The DKMS packages share the configuration, and own no folder of the system.
set(dkms_rpm "${binary}/packages/greet-dkms-1.2-1.noarch.rpm")
run(text FALSE "^dkms, greet-modules-common \\(= 1.2\\)" "${found_dpkg-deb}" -f "${dkms}" Depends)
run(text FALSE "greet-kmod-common = 1.2" "${found_rpm}" -qp --requires "${dkms_rpm}")
foreach(file "${rpm}" "${dkms_rpm}" "${binary}/packages/greet-kmod-common-1.2-1.noarch.rpm")
  run(text FALSE "greet" "${found_rpm}" -qpl "${file}")
  string(REGEX MATCHALL "/[^ \n]+" owned "${text}")
  list(FILTER owned EXCLUDE REGEX "greet")
  if(owned)
    fail("${file} owns what is of the system: ${owned}")
  endif()
endforeach()
run(text FALSE "/etc/modprobe.d/greet.conf" "${found_rpm}" -qpc "${binary}/packages/greet-kmod-common-1.2-1.noarch.rpm")

# The provenance report names the digests of the package and of the module in it.
foreach(package "${deb}" "${rpm}")
  file(READ "${package}.provenance.json" json)
  file(SHA256 "${package}" digest)
  string(JSON named GET "${json}" subject 0 digest sha256)
  string(JSON type GET "${json}" predicateType)
  string(JSON result GET "${json}" predicate result)
  if(NOT named STREQUAL digest OR NOT result STREQUAL PASSED
     OR NOT type STREQUAL "https://in-toto.io/attestation/test-result/v0.1")
    fail("the report of ${package} is:\n${json}")
  endif()
endforeach()

# kovet check verifies it, and tells another module, another kernel and other symbols apart.
set(kovet "${prefix}/bin/kovet")
set(report "${deb}.provenance.json")
file(REMOVE_RECURSE "${scratch}/unpacked")
run(text FALSE "" "${found_dpkg-deb}" -x "${deb}" "${scratch}/unpacked")
file(GLOB packed "${scratch}/unpacked/usr/lib/modules/${kernel}/updates/greet/greeting.ko*")
run(text FALSE "no rejection found" "${kovet}" check --kernel "${kernel}" --provenance "${report}" "${packed}")
run(text FALSE "no rejection found" "${kovet}" check --kernel "${kernel}" --provenance "${report}" "${binary}/greeting.ko")
run(text FALSE "" strip --strip-debug -o "${scratch}/greeting.ko" "${binary}/greeting.ko")
run(text TRUE "the report is not about this file \\(SHA-256 [0-9a-f]+\\) \\[provenance-mismatch" "${kovet}" check --kernel "${kernel}"
  --provenance "${report}" "${scratch}/greeting.ko")
copy_kernel("${kernel}" "${scratch}/kernel")
file(APPEND "${scratch}/kernel/Module.symvers" "0x00000001\tnobody_uses_this\tvmlinux\tEXPORT_SYMBOL\t\n")
run(text TRUE "Module.symvers is not the one that the module was validated with" "${kovet}" check --kernel "${scratch}/kernel"
  --provenance "${report}" "${packed}")
list(LENGTH kernels count)
if(count GREATER 1)
  list(GET kernels 1 other)
  run(text TRUE "the report is not about this module for kernel" "${kovet}" check --kernel "${other}" --policy load
    --provenance "${report}" "${packed}")
endif()

# A full disk while packing, at any moment, changes none of the packages and leaves no part of one.
execute_process(COMMAND unshare -m true RESULT_VARIABLE unshared OUTPUT_QUIET ERROR_QUIET)
if(unshared EQUAL 0)
  list_tree("${binary}/packages" before)
  foreach(room 0 24 64)
    run(text FALSE "kovet_package: greet-dkms_1.2_all.deb is not made: .* Fix: .*packages is as it was" unshare -m sh -c "
      place=\"$1/CMakeFiles/greet.package\"; cp -a \"$place\" \"$1/copy\"
      mount -t tmpfs -o size=4m tmpfs \"$place\" && cp -a \"$1/copy/.\" \"$place\" && rm -r \"$1/copy\" || exit 1
      free=$(df --output=avail -k \"$place\" | tail -1); head -c $(((free - ${room}) * 1024)) /dev/zero >\"$place/ballast\"
      ! \"$2\" --build \"$1\" --target greet-package-dkms-DEB" sh "${binary}" "${CMAKE_COMMAND}")
  endforeach()
  list_tree("${binary}/packages" after)
  if(NOT before STREQUAL after)
    fail("the packages have changed:\n${before}\n${after}")
  endif()
endif()

# What a package of sources cannot make is none of them.
file(WRITE "${binary}/made.h" "/* nothing */\n")
file(READ "${source}/greeting.c" sources)
file(WRITE "${source}/greeting.c" "${sources}#include \"${binary}/made.h\"\n")
build(--target greet-package-dkms-DEB EXPECT_ERROR "made.h is generated, and a package of sources cannot make it Fix: commit .*greet-dkms_1.2_all.deb is not made")
file(WRITE "${source}/greeting.c" "${sources}")

# The DKMS package builds without Kovet in the search path.
need_root()
need_programs(dkms)
if(skip)
  return()
endif()
set(tree "${scratch}/dkms")
file(REMOVE_RECURSE "${tree}")
file(MAKE_DIRECTORY "${tree}")
run(text FALSE "" "${found_dpkg-deb}" -x "${dkms}" "${tree}/root")
# build_with_dkms(<error expected?> <regex> <PATH>): what dkms and make said.
function(build_with_dkms expect_error regex path)
  file(REMOVE_RECURSE "${tree}/state")
  file(MAKE_DIRECTORY "${tree}/state")
  run(text ${expect_error} "${regex}" sh -c "\"$@\"; result=$?; find '${tree}/state' -name make.log -exec cat {} +; exit $result" sh
    "${CMAKE_COMMAND}" -E env "PATH=${path}" "${found_dkms}" build -m greet -v 1.2 -k "${kernel}"
    --sourcetree "${tree}/root/usr/src" --dkmstree "${tree}/state")
  file(GLOB_RECURSE made "${tree}/state/*/greeting.ko*")
  list(FILTER made INCLUDE REGEX "/module/greeting")
  if(made AND expect_error OR NOT made AND NOT expect_error)
    fail("dkms made: '${made}'\n${text}")
  endif()
  set(text "${text}" PARENT_SCOPE)
endfunction()
set(path /usr/sbin:/usr/bin:/sbin:/bin)
build_with_dkms(FALSE "LD \\[M\\]" "${path}")
# With Kovet there, what was built is validated: a module that this kernel would refuse fails there.
build_with_dkms(FALSE "greeting.ko for ${pattern}: no rejection found" "${prefix}/bin:${path}")
# So are the options that are configured: one that the sources have lost fails as well.
file(READ "${tree}/root/usr/src/greet-1.2/greeting.c" sources)
string(REPLACE "times" "often" changed "${sources}")
file(WRITE "${tree}/root/usr/src/greet-1.2/greeting.c" "${changed}")
build_with_dkms(TRUE "greeting has no parameter times" "${prefix}/bin:${path}")
file(WRITE "${tree}/root/usr/src/greet-1.2/greeting.c" "${sources}")
file(APPEND "${tree}/root/usr/src/greet-1.2/greeting.c" "MODULE_INFO(vermagic, \"1.2.3-other SMP mod_unload \");\n")
build_with_dkms(TRUE "greeting.ko for ${pattern}: rejected with ENOEXEC" "${prefix}/bin:${path}")
# A driver with Kbuild files of its own, of two folders, is built as it is declared; what a build left in its
# folder is none of its sources, nor is the build folder there.
set(own "${scratch}/own")
file(REMOVE_RECURSE "${own}" "${own}.root" "${own}.state")
file(WRITE "${own}/drv/a/Kbuild" "obj-m := lower.o\n")
file(WRITE "${own}/drv/b/Kbuild" "obj-m := upper.o\n")
file(WRITE "${own}/drv/include/deep/lower.h" "int lower(void);\n")
file(WRITE "${own}/drv/a/lower.c" "#include <linux/module.h>\n#include <deep/lower.h>\nint lower(void) { return sizeof(NOTE); }
EXPORT_SYMBOL_GPL(lower);\nMODULE_LICENSE(\"GPL\");\nMODULE_DESCRIPTION(\"lower\");\n")
file(WRITE "${own}/drv/b/upper.c" "#include <linux/module.h>\n#include <deep/lower.h>\nstatic int times = 1;\nmodule_param(times, int, 0444);
static int __init upper_init(void) { return lower() == times; }\nmodule_init(upper_init);
MODULE_LICENSE(\"GPL\");\nMODULE_DESCRIPTION(\"upper\");\n")
file(WRITE "${own}/drv/b/old.ko" "left by an earlier build")
file(WRITE "${own}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)
project(own VERSION 3 LANGUAGES NONE)
find_package(Kovet 0.1 REQUIRED)
kovet_add_kbuild_project(own SOURCE_DIR drv SUBDIRS a b MODULES lower upper MAKE_ARGS [[ccflags-y=-DNOTE='\"a b\"' -I<SOURCE_DIR>/include]])
kovet_install(TARGETS own MODPROBE_OPTIONS \"upper times=2\")
kovet_package(DKMS GENERATORS DEB MAINTAINER \"Ann Author <ann@example.org>\")
")
run(text FALSE "" "${CMAKE_COMMAND}" -S "${own}" -B "${own}/drv/build" "-DKOVET_KERNEL=${kernel}" "-DCMAKE_PREFIX_PATH=${prefix}")
run(text FALSE "" "${CMAKE_COMMAND}" --build "${own}/drv/build" --target own-package-dkms-DEB)
run(text FALSE "" "${found_dpkg-deb}" -x "${own}/drv/build/packages/own-dkms_3_all.deb" "${own}.root")
expect_no_file("${own}.root/usr/src/own-3/drv/b/old.ko")
expect_no_file("${own}.root/usr/src/own-3/drv/build")
file(MAKE_DIRECTORY "${own}.state")
run(text FALSE "upper.ko for ${pattern}: no rejection found" sh -c "\"$@\"; result=$?; find '${own}.state' -name make.log -exec cat {} +; exit $result" sh
  "${CMAKE_COMMAND}" -E env "PATH=${prefix}/bin:${path}" "${found_dkms}" build -m own -v 3 -k "${kernel}"
  --sourcetree "${own}.root/usr/src" --dkmstree "${own}.state")
file(GLOB_RECURSE made "${own}.state/*.ko*")
list(FILTER made INCLUDE REGEX "/module/(lower|upper)[.]ko")
list(LENGTH made count)
if(NOT count EQUAL 2)
  fail("dkms made: ${made}\n${text}")
endif()

if(EXISTS "/usr/bin/kovet" OR EXISTS "/usr/sbin/kovet")
  return()
endif()
build_with_dkms(FALSE "LD \\[M\\]" "${path}")
