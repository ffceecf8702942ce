#!/bin/sh
# kill_when.sh <signal> <file> <command>...: runs the command in a session of its own, and kills all of
# that session once the file is there, or once the command ended. Exit code 0: it was killed.
signal=$1 file=$2
shift 2
setsid "$@" >/dev/null 2>&1 &
leader=$!
while [ ! -e "$file" ]; do
	kill -s 0 "$leader" 2>/dev/null || exit 1
	sleep 0.01
done
# Ninja's children have process groups of their own; the session is common to all.
# No programs in this loop, which a busy machine would start too late.
for stat in /proc/[0-9]*/stat; do
	line=
	{ read -r line <"$stat"; } 2>/dev/null
	fields=${line##*) }
	session=${fields#* * * }
	[ "${session%% *}" = "$leader" ] || continue
	pid=${stat#/proc/}
	kill -s "$signal" "${pid%/stat}" 2>/dev/null
done
wait "$leader"
[ $? -ne 0 ]
