#!/usr/bin/env bash
# Times kovet beside what people use today, in one run, and prints a table:
#
#   bash tests/bench/run.sh [Google Benchmark options]
#
# It takes the optimised build and the newest kernel whose headers are installed; the kernel's
# modules and image come from its package (tests/support/kernels.sh). Nothing is judged by its time.
#
#   BENCH_RELEASE      another kernel
#   KOVET_PROGRAM      another kovet
#
# Rows: one module and one kernel beside modprobe --dump-modversions with awk; the whole tree beside
# depmod -n -e -E, by headers alone and with the keys of the kernel's image; the same of .ko.xz; M
# modules against N kernels beside the loop of modprobe and awk. "floor" is what the library alone
# takes for the same work on all processors. wall: of a process, ms; CPU_ms: user and system.
# For a few figures: --benchmark_filter='one module' --benchmark_repetitions=5
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
PATH=$PATH:/sbin:/usr/sbin
work=$PWD/build/bench
mkdir -p "$work"

cmake --preset release -DKOVET_BUILD_TESTS=ON >/dev/null
cmake --build build/release --target kovet kovet_bench kovet_bench_floors >&2

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
  # With headers and image, as on the machine that runs this kernel.
  cp -r "$image/boot" "$tree/boot"
  ln -s "$(readlink -f "/lib/modules/$release/build")" "$tree/lib/modules/$release/build"
  touch "$tree/.complete"
}
prepare_tree plain
prepare_tree xz

# The headers alone, where no image of their release is found beside them.
if [ ! -f "$work/headers-$release/.complete" ]; then
  rm -rf "$work/headers-$release"
  mkdir -p "$work/headers-$release"
  cp -a "$(readlink -f "/lib/modules/$release/build")/." "$work/headers-$release/"
  touch "$work/headers-$release/.complete"
fi

export KOVET_PROGRAM=${KOVET_PROGRAM:-$PWD/build/release/validator/kovet}
export BENCH_RELEASE=$release BENCH_TREE=$work/plain-$release BENCH_TREE_XZ=$work/xz-$release
export BENCH_MODULE=$work/modules/$release/hello.ko
export KOVET_FLOORS=$PWD/build/release/tests/bench/kovet_bench_floors
BENCH_BUILD=$work/headers-$release
BENCH_MATRIX_MODULES=$(find "$work/modules" -name '*.ko' | sort | tr '\n' ' ')
BENCH_MATRIX_KERNELS=${installed[*]}
BENCH_MATRIX_SYMVERS=$(printf '/lib/modules/%s/build/Module.symvers ' "${installed[@]}")
BENCH_MODULE_COUNT=$(find "$BENCH_TREE" -name '*.ko' | wc -l)
export BENCH_BUILD BENCH_MATRIX_MODULES BENCH_MATRIX_KERNELS BENCH_MATRIX_SYMVERS BENCH_MODULE_COUNT

echo "$release, $(nproc) processors, $(find "$BENCH_TREE" -name '*.ko' | wc -l) modules of" \
  "$(du -sm --apparent-size "$BENCH_TREE" | cut -f1) MiB (.ko.xz: $(du -sm --apparent-size "$BENCH_TREE_XZ" | cut -f1) MiB), $(depmod --version | head -1)"
exec build/release/tests/bench/kovet_bench --benchmark_counters_tabular=true "$@"
