#!/bin/sh
# A compiler launcher: edit_once.sh <compiler> <argument>...; edits $KOVET_TEST_EDIT, once, when it was compiled.
# With KOVET_TEST_WHILE, as if it were still being compiled: the object is the newer one, without the edit.
"$@"
status=$?
mark="$(dirname "$0")/../edited$KOVET_TEST_WHILE"
case " $* " in
  *" -c "*" $KOVET_TEST_EDIT "*)
    if [ ! -e "$mark" ]; then
      : >"$mark"
      sleep 0.05
      echo "MODULE_INFO(edited, \"after$KOVET_TEST_WHILE\");" >>"$KOVET_TEST_EDIT"
      while [ -n "$KOVET_TEST_WHILE" ] && [ $# -gt 1 ]; do
        [ "$1" != -o ] || { sleep 0.05; touch "$2"; }
        shift
      done
    fi ;;
esac
exit $status
