# The DEB packages in a root made by debootstrap: installed, found by modprobe, upgraded, removed.
need_kernels(1 kernels)
if(skip)
  return()
endif()
list(GET kernels 0 kernel)
execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
find_program(debootstrap debootstrap PATHS /usr/sbin NO_CACHE)
find_program(dpkg_deb dpkg-deb NO_CACHE)
if(NOT user EQUAL 0 OR NOT debootstrap OR NOT dpkg_deb)
  message("[skipped] debootstrap, dpkg-deb and root are needed")
  return()
endif()
file(STRINGS /etc/os-release codename REGEX "^VERSION_CODENAME=")
string(REGEX REPLACE "^VERSION_CODENAME=\"?([a-z]+)\"?$" "\\1" codename "${codename}")
string(REGEX REPLACE "([+.])" "\\\\\\1" pattern "${kernel}")

# The root is kept between runs: what is in it is the distribution's alone.
set(root "${scratch}/../../debootstrap-${codename}")
if(NOT EXISTS "${root}/.complete")
  file(REMOVE_RECURSE "${root}")
  run(text FALSE "" "${debootstrap}" --variant=minbase --include=kmod "${codename}" "${root}")
  file(TOUCH "${root}/.complete")
endif()
function(inside expect_error regex)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "")
  run(text ${expect_error} "${regex}" chroot "${root}" /usr/bin/env LC_ALL=C DEBIAN_FRONTEND=noninteractive
    PATH=/usr/sbin:/usr/bin:/sbin:/bin ${arg_UNPARSED_ARGUMENTS})
endfunction()
execute_process(COMMAND chroot "${root}" dpkg --purge "greet-modules-${kernel}" greet-modules-common "linux-image-${kernel}"
  OUTPUT_QUIET ERROR_QUIET)

# The kernel's package, as far as modules need it: its name and its folder.
set(image "${scratch}/image")
file(REMOVE_RECURSE "${image}")
foreach(index order builtin builtin.modinfo)
  file(WRITE "${image}/usr/lib/modules/${kernel}/modules.${index}" "")
endforeach()
file(WRITE "${image}/DEBIAN/control" "Package: linux-image-${kernel}
Version: 1
Architecture: all
Maintainer: Ann Author <ann@example.org>
Description: the folder of a kernel
")
run(text FALSE "" "${dpkg_deb}" --build "${image}" "${root}/image.deb")

foreach(version 1.2 1.3)
  configure("-DKOVET_KERNEL=${kernel}" -Dversion=${version})
  build(--target greet-packages)
  file(GLOB modules_${version} "${binary}/packages/greet-modules-${kernel}_${version}_*.deb")
  file(COPY_FILE "${modules_${version}}" "${root}/modules-${version}.deb")
  file(COPY_FILE "${binary}/packages/greet-modules-common_${version}_all.deb" "${root}/common-${version}.deb")
endforeach()

# Without the kernel it is refused, by its dependency.
inside(TRUE "depends on linux-image-${pattern}" dpkg -i /common-1.2.deb /modules-1.2.deb)
inside(FALSE "" dpkg -i /image.deb /common-1.2.deb /modules-1.2.deb)
inside(FALSE "insmod .*/${pattern}/updates/greet/greeting.ko[^ ]* +times=3" modprobe -n -v -S "${kernel}" greeting)
inside(FALSE "1.3" dpkg -i /common-1.3.deb /modules-1.3.deb)
inside(FALSE "updates/greet/greeting.ko" modprobe -n -v -S "${kernel}" greeting)

# What the administrator changed stays, until it is purged.
file(APPEND "${root}/etc/modprobe.d/greet.conf" "# mine\n")
inside(FALSE "" dpkg --remove "greet-modules-${kernel}" greet-modules-common)
inside(TRUE "greeting not found" modprobe -n -v -S "${kernel}" greeting)
expect_no_file("${root}/usr/lib/modules/${kernel}/updates/greet")
file(READ "${root}/etc/modprobe.d/greet.conf" text)
if(NOT text MATCHES "# mine")
  fail("the changed configuration was lost")
endif()
inside(FALSE "" dpkg --purge greet-modules-common "greet-modules-${kernel}" "linux-image-${kernel}")
expect_no_file("${root}/etc/modprobe.d/greet.conf")
