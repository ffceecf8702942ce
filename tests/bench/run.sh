#!/usr/bin/env bash
# Times kovet beside what people use today, in one run, and prints a table:
#
#   bash tests/bench/run.sh [Google Benchmark options]
#
# It takes the optimised build and the newest kernel whose headers are installed; the kernel's
# modules come from its package (tests/support/kernels.sh). Nothing is judged by its time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
PATH=$PATH:/sbin:/usr/sbin
work=$PWD/build/bench
mkdir -p "$work"

cmake --preset release -DKOVET_BUILD_TESTS=ON >/dev/null
cmake --build build/release --target kovet kovet_bench >&2

mapfile -t installed < <(cd /lib/modules && for r in *; do
  if [ -f "$r/build/Module.symvers" ]; then echo "$r"; fi
done | sort -V)
[ ${#installed[@]} -gt 0 ] || { echo "$0: no kernel headers are installed: apt install linux-headers-$(dpkg --print-architecture)" >&2; exit 2; }
release=${BENCH_RELEASE:-$(printf '%s\n' "${installed[@]}" | grep -Ev -- '-(cloud|rt)-' | tail -1)}
image=$(tests/support/kernels.sh images "$release" | tail -1)

# build_modules RELEASE: the small modules of tests/kernel, by Kbuild.
build_modules() {
  local folder=$work/modules/$1
  [ -f "$folder/hello.ko" ] && return 0
  mkdir -p "$folder"
  cp tests/kernel/modules/* "$folder"
  make -s -C "/lib/modules/$1/build" M="$folder" modules >&2
}
for each in "${installed[@]}"; do build_modules "$each"; done

# The same tree stored as it is and with every module compressed, whatever the package has.
prepare_tree() {
  local kind=$1 tree=$work/$1-$release
  [ -f "$tree/.complete" ] && return 0
  rm -rf "$tree"
  mkdir -p "$tree/lib/modules"
  cp -r "$image/lib/modules/$release" "$tree/lib/modules/$release"
  if [ "$kind" = plain ]; then
    find "$tree" -name '*.ko.xz' -print0 | xargs -0 -r -P "$(nproc)" xz -d
    find "$tree" -name '*.ko.zst' -print0 | xargs -0 -r -P "$(nproc)" zstd -q -d --rm
  else
    find "$tree" -name '*.ko' -print0 | xargs -0 -r -P "$(nproc)" xz --check=crc32
  fi
  depmod -b "$tree" "$release"
  touch "$tree/.complete"
}
prepare_tree plain
prepare_tree xz

export KOVET_PROGRAM=${KOVET_PROGRAM:-$PWD/build/release/validator/kovet}
export BENCH_RELEASE=$release BENCH_TREE=$work/plain-$release BENCH_TREE_XZ=$work/xz-$release
export BENCH_MODULE=$work/modules/$release/hello.ko
BENCH_BUILD=$(readlink -f "/lib/modules/$release/build")
BENCH_MATRIX_MODULES=$(find "$work/modules" -name '*.ko' | sort | tr '\n' ' ')
BENCH_MATRIX_KERNELS=${installed[*]}
export BENCH_BUILD BENCH_MATRIX_MODULES BENCH_MATRIX_KERNELS

echo "$release, $(nproc) processors, $(find "$BENCH_TREE" -name '*.ko' | wc -l) modules of" \
  "$(du -sm --apparent-size "$BENCH_TREE" | cut -f1) MiB (.ko.xz: $(du -sm --apparent-size "$BENCH_TREE_XZ" | cut -f1) MiB), $(depmod --version | head -1)"
exec build/release/tests/bench/kovet_bench --benchmark_counters_tabular=true "$@"
