#!/bin/sh
# A compiler launcher: edit_once.sh <compiler> <argument>...; edits $KOVET_TEST_EDIT, once, when it was compiled.
"$@"
status=$?
mark="$(dirname "$0")/../edited"
case " $* " in
  *" -c "*" $KOVET_TEST_EDIT "*)
    if [ ! -e "$mark" ]; then
      : >"$mark"
      sleep 0.05
      echo >>"$KOVET_TEST_EDIT"
    fi ;;
esac
exit $status
