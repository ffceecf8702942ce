#!/bin/sh
# A compiler launcher that notes how many compilers run at once: count.sh <compiler> <argument>...
running="$KOVET_TEST_COUNT/running"
mkdir -p "$running"
case " $* " in
  *" -c "*)
    : >"$running/$$"
    ls "$running" | wc -l >>"$KOVET_TEST_COUNT/log"
    sleep 0.1
    "$@"
    status=$?
    rm -f "$running/$$"
    exit $status ;;
esac
exec "$@"
