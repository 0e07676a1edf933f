#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Judges the console of an emulated board: everything in it passed, and it came to its end.
# usage: toolchain/board-judge.sh CONSOLE RESULT    RESULT: how the emulator ended; 124: it was stopped after its time
set -eu
usage="usage: toolchain/board-judge.sh CONSOLE RESULT"
console=${1:?"$usage"} result=${2:?"$usage"}
refuse() {
	echo "board: $1; the end of its console ($console):" >&2
	tail -15 "$console" | sed 's/^/    /' >&2
	exit 1
}
[ -s "$console" ] || refuse "the board has said nothing (the emulator ended with $result)"
! grep -q 'Kernel panic' "$console" || refuse "the board's kernel panicked"
begin=$(grep -c '^BOARD BEGIN ' "$console" || true)
[ "$begin" = 1 ] || refuse "the board began $begin times, expected once"
end=$(grep '^BOARD END ' "$console" | tail -1)
if [ -z "$end" ]; then
	[ "$result" != 124 ] || refuse "the board hung: it was stopped before its last line, BOARD END"
	refuse "the board ended before its last line, BOARD END (the emulator ended with $result)"
fi
# shellcheck disable=SC2046
set -- $(echo "$end" | sed -n 's/^BOARD END passed=\([0-9]*\) failed=\([0-9]*\) skipped=\([0-9]*\)$/\1 \2 \3/p')
[ $# = 3 ] || refuse "its last line is malformed: '$end'"
passed=$1 failed=$2 skipped=$3
count() { grep -c "^BOARD $1 " "$console" || true; }
if [ "$(count PASS)" != "$passed" ] || [ "$(count FAIL)" != "$failed" ] || [ "$(count SKIP)" != "$skipped" ]; then
	refuse "its lines PASS, FAIL, SKIP are $(count PASS), $(count FAIL), $(count SKIP), and its last line says '$end'"
fi
[ "$failed" = 0 ] || {
	grep '^BOARD FAIL ' "$console" >&2
	refuse "$failed checks failed in it, $passed passed"
}
[ "$passed" -gt 0 ] || refuse "nothing was checked in it"
[ "$result" = 0 ] || refuse "all passed, and the emulator ended with $result: the board did not power off"
echo "board: $passed passed, $skipped skipped, none failed"
