#!/usr/bin/env bash
# Builds Kovet and runs all its tests. On Debian it first installs what they need: as root or
# through sudo, without questions. Everything else stays below build/.
#
#   bash tests/run.sh [ctest options]     for example: bash tests/run.sh -R vermagic
#
# KOVET_PRESET   the CMake preset; "ci" when CI is set, else "dev"
# KOVET_JOBS     how much runs at once; default: the number of processors
#
# With CI set, a test that lacks a kernel's headers or QEMU fails instead of being skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
# shellcheck source=support/packages.sh
. tests/support/packages.sh

if [ -n "${CI:-}" ]; then preset=${KOVET_PRESET:-ci}; else preset=${KOVET_PRESET:-dev}; fi
jobs=${KOVET_JOBS:-$(nproc)}

test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev  # unit tests, benchmarks
  kmod xz-utils zstd gzip cpio openssl        # modules as distributions ship them
  qemu-system-x86                             # boots
  python3 file                                # checks of reports
  dpkg-dev rpm dkms debootstrap               # packages
  zsh fish groff-base                         # completions, manual pages
  softhsm2 'libengine-pkcs11-openssl|pkcs11-provider' # keys in tokens
  ccache distcc sparse clangd                 # compiler launchers, checkers, editors
  clang lld llvm                              # modules of clang-built kernels
  gcc-aarch64-linux-gnu libc6-dev-arm64-cross # a cross build
)
ensure_packages "${kovet_build_packages[@]}" "${test_packages[@]}"

# The newest releases may change while the package lists are refreshed: choose again then.
for attempt in 1 2 3; do
  mapfile -t releases < <(tests/support/kernels.sh pick)
  [ ${#releases[@]} -gt 0 ] || exit 1
  if ensure_packages "${releases[@]/#/linux-headers-}"; then break; fi
  [ "$attempt" -lt 3 ] || exit 1
done
if ! tests/support/kernels.sh images "${releases[@]:0:4}" >/dev/null; then
  echo "tests/run.sh: no kernel images: tests that boot kernels will say so" >&2
  [ -z "${CI:-}" ] || exit 1
fi
export KOVET_TEST_KERNELS="${releases[*]}"
export KOVET_TEST_IMAGES="${KOVET_TEST_IMAGES:-$PWD/build/kernels}"

cmake --preset "$preset"
cmake --build "build/$preset" --parallel "$jobs"
ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel "$jobs" "$@"
