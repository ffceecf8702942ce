# shellcheck shell=sh
# run_steps.sh <lock file> <command> <argument>... [--then <command> <argument>...]...
#
# The steps of one rule, one after the other, until one fails, under one lock: what an interrupted
# build left running, the steps that follow make too, comes to its end before the next build works in
# the same folder. All that is started holds the lock. It is removed with the last step, so that a
# compiler launcher's daemon, which stays, keeps nobody waiting.
lock=$1
shift
if command -v flock >/dev/null 2>&1; then
  said=
  while :; do
    exec 7>"$lock" || exit 1
    # The one that was waited for may be removed by now, and another begun. (Without /proc: not seen.)
    if flock -n 7 && { [ ! -e /proc/self/fd/7 ] || [ "$lock" -ef /proc/self/fd/7 ]; }; then
      break
    fi
    if [ -z "$said" ]; then
      echo "Kovet: waiting for an interrupted build that still runs in ${lock%.lock} (if nothing does: rm '$lock')" >&2
      said=yes
    fi
    flock -w 1 7
  done
fi
n=1 step= status=0
for word do
  if [ "$word" = --then ]; then
    eval "$step"
    status=$?
    [ "$status" = 0 ] || break
    step=
  else
    step="$step \"\${$n}\""
  fi
  n=$((n + 1))
done
if [ "$status" = 0 ]; then
  eval "$step"
  status=$?
fi
rm -f "$lock"
exit "$status"
