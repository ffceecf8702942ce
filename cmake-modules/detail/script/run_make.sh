#!/bin/sh
# run_make.sh <cmake> <log> <make> <argument>...
#
# Runs make as it is. What it says on stderr is also kept in <log>, so that hints can follow where
# one is known. The lock is held by all that make started: what an interrupted build left running
# comes to its end before the next one works in the same folder.
cmake=$1 log=$2
shift 2
if command -v flock >/dev/null 2>&1; then
  exec 7>"$log.lock"
  flock 7
fi
# File descriptor 9, because GNU make may have handed its jobserver down in 3 and 4.
whole=cut
{ { "$@" 2>&1 >&9; echo $? >"$log.status"; } | tee "$log" >&2; } 9>&1 && whole=whole
status=
read -r status <"$log.status"
status=${status:-1}
# A full disk loses lines of the log, and with them why make failed.
echo "$status $whole" >"$log.status"
if [ "$status" -ne 0 ] || grep -q modpost "$log"; then
  "$cmake" -D "log=$log" -P "$(dirname "$0")/hints.cmake" >&2
fi
exit "$status"
