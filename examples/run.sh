#!/usr/bin/env bash
# From a clean clone to a checked kernel module: installs what is missing, builds Kovet, installs it
# into build/install, and builds examples/hello with it. Everything it makes is below build/.
#
#   bash examples/run.sh
#
# KOVET_KERNEL   the release or build directory to build for; default: the running kernel when its
#                headers are installed, else the newest whose headers are
# KOVET_JOBS     how much runs at once; default: the number of processors
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
# shellcheck source=../tests/support/packages.sh
. tests/support/packages.sh

# Releases whose headers are installed and complete, newest last.
complete_kernels() {
  local build release
  for build in /lib/modules/*/build; do
    if [ -f "$build/Makefile" ] && [ -f "$build/include/config/auto.conf" ] &&
      [ -s "$build/Module.symvers" ]; then
      release=${build%/build}
      echo "${release##*/}"
    fi
  done | sort -V
}

# What the distribution calls the headers of its current kernel, on this architecture.
headers_package() {
  local arch
  arch=$(dpkg --print-architecture 2>/dev/null || echo amd64)
  case $arch in
    i386) echo 'linux-headers-686-pae|linux-headers-686|linux-headers-generic' ;;
    armhf) echo 'linux-headers-armmp|linux-headers-generic' ;;
    ppc64el) echo 'linux-headers-powerpc64le|linux-headers-generic' ;;
    *) echo "linux-headers-$arch|linux-headers-generic" ;;
  esac
}

ensure_packages "${kovet_build_packages[@]}"
kernel=${KOVET_KERNEL:-}
if [ -z "$kernel" ]; then
  [ -n "$(complete_kernels)" ] || ensure_packages "$(headers_package)"
  if complete_kernels | grep -qxF -- "$(uname -r)"; then
    kernel=$(uname -r)
  else
    kernel=$(complete_kernels | tail -1)
  fi
  if [ -z "$kernel" ]; then
    echo "$0: $(headers_package) is installed, yet no /lib/modules/*/build is complete" >&2
    exit 1
  fi
fi

jobs=${KOVET_JOBS:-$(nproc)}
cmake --preset release -DKOVET_BUILD_TESTS=OFF
cmake --build build/release --parallel "$jobs"
cmake --install build/release --prefix build/install >/dev/null

cmake -G Ninja -S examples/hello -B build/examples/hello \
  -DCMAKE_PREFIX_PATH="$PWD/build/install" -DKOVET_KERNEL="$kernel"
cmake --build build/examples/hello

echo
build/install/bin/kovet check build/examples/hello/hello.ko --kernel "$kernel"
echo "$PWD/build/examples/hello/hello.ko"
