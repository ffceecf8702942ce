# shellcheck shell=sh
# run_make.sh <cmake> <work folder> <make> <argument>...
#
# Runs make as it is. What it says on stderr is also kept in <work folder>.log, so that hints can
# follow where one is known. While <work folder>.unfinished exists, what is in the folder is not to be
# built upon.
cmake=$1 work=$2 log=$2.log
shift 2
# Kbuild would take them from the environment. What it is to work with was chosen when CMake configured.
unset KBUILD_OUTPUT CROSS_COMPILE LLVM
# Kbuild does not run modpost again when only the symbols of other modules changed: without what modpost
# wrote, it does.
output= symbols=
for word do
  case "$word" in
  M=*) output=${output:-${word#M=}} ;;
  MO=*) output=${word#MO=} ;;
  KBUILD_EXTRA_SYMBOLS=*) symbols=${word#*=} ;;
  esac
done
for file in $symbols; do
  [ "$output/Module.symvers" -nt "$file" ] || rm -f "$output/Module.symvers"
done
: >"$work.unfinished" || exit 1
# Make's outputs are this script's; 8 and 9, because GNU make may have handed its jobserver down in 3
# and 4.
exec 9>&1
said=$({ { "$@" 2>&1 >&9 8>&-; echo $? >&8; } | tee "$log" 8>&- >&2 || echo "log cut" >&8; } 8>&1)
status=${said%%[!0-9]*}
# A full disk loses lines of the log, and with them why make failed.
case "$said" in
0) rm -f "$work.unfinished" ;;
*cut*) ;;
*)
  if grep -qE ' error: |ERROR: modpost: ' "$log" &&
     ! grep -qE 'No space left|not all data was written|I/O error|[Ww]rite error|error writing|Killed|Bus error' "$log"; then
    rm -f "$work.unfinished"
  fi
  ;;
esac
if [ "$status" != 0 ] || { [ -s "$log" ] && grep -q modpost "$log"; }; then
  "$cmake" -D "log=$log" -P "$(dirname "$0")/hints.cmake" >&2
  case "$said" in
  *cut*) grep -q 'No space left' "$log" || echo "Kovet: hint: the disk is full: make room, then build again" >&2 ;;
  esac
fi
exit "${status:-1}"
