# shellcheck shell=sh
# run_steps.sh <lock file> <command> <argument>... [--then <command> <argument>...]...
#
# The steps of one rule, one after the other, until one fails, under one lock: what an interrupted
# build left running, the steps that follow make too, comes to its end before the next build works in
# the same folder. All that is started holds the lock. It is removed with the last step, so that a
# compiler launcher's daemon, which stays, keeps nobody waiting.
lock=$1
shift
# GNU make runs what has $(MAKE) in it also when it is asked for no work, and hands -n, -q, -t and -i on: the
# make among the steps would do nothing, or go on after errors, and what is published were the module
# of an earlier build.
flags=${MAKEFLAGS:-}
flags=${flags%% *}
case "$flags" in
--* | -[!nqti]* | *=*) flags= ;;
esac
case "$flags" in
*n*) exit 0 ;;
*q*) exit 1 ;;
*t*)
  echo "Kovet: make -t would mark a module as built that is not, in ${lock%.lock}: build without -t" >&2
  exit 1
  ;;
*i*)
  MAKEFLAGS=$(echo "$flags" | tr -d i)${MAKEFLAGS#"$flags"}
  export MAKEFLAGS
  ;;
esac
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
