#!/usr/bin/env bash
# Runs every fuzz target for a while, from seeds that are built on the spot:
#
#   cmake --preset fuzz && bash tests/fuzz/run.sh [seconds for each; 60] [target...]
#
# Corpora and what crashes are kept in build/fuzz/corpus and build/fuzz/crashes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(module symvers decompress explain)

[ -f build/fuzz/CMakeCache.txt ] || cmake --preset fuzz
cmake --build build/fuzz --target fuzz_seeds "${targets[@]/#/fuzz_}"
build/fuzz/tests/fuzz/fuzz_seeds build/fuzz/seeds
mkdir -p build/fuzz/crashes
failed=()
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/corpus/$target"
  echo "== $target, $seconds s"
  "build/fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=65536 -print_final_stats=1 -artifact_prefix="build/fuzz/crashes/$target-" \
    "build/fuzz/corpus/$target" "build/fuzz/seeds/$target" \
    2> >(grep -E 'ERROR|SUMMARY|stat::|Done|DONE|runtime error|^ +#[0-9]+ ' >&2) || failed+=("$target")
done
[ ${#failed[@]} -eq 0 ] || { echo "crashes in: ${failed[*]} (see build/fuzz/crashes)" >&2; exit 1; }
