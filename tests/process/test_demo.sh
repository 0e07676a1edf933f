#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The demo, shortened, with its account checked: nothing lost, the order of events, the restart seen, nothing left behind. Upright after
# the kill is asserted only when the restart took less than 60 ms, since a shared machine may stall. usage: test_demo.sh BIN [sanitized|emulated]
set -u
bin=$(cd "$1" && pwd)
root=$(cd "$(dirname "$0")/../.." && pwd)
TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/takt-test-demo-XXXXXX)
export TAKT_SHM_FOLDER
work=$(mktemp -d)
trap 'rm -rf "$TAKT_SHM_FOLDER" "$work"' EXIT
failed=0
passed=0
expect() { # DESCRIPTION CONDITION...
	local what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		echo "FAILED: $what" >&2
		failed=$((failed + 1))
	fi
}
column() { # FILE TITLE: the column's values
	awk -F, -v title="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == title) c = i; if (!c) exit 1; next } { print $c }' "$1"
}

NO_COLOR=1 "$root/toolchain/demo-run.sh" "$bin" "$work" 2 >"$work/log" 2>&1
expect "the demo ends with 0" [ $? -eq 0 ]

expect "its report has every topic" grep -q '^imu ' "$work/report.txt"
lost=$(awk '$1 == "topic" { for (i = 1; i <= NF; i++) if ($i == "lost") print NR }' "$work/report.txt")
expect "its report counts losses" [ -n "$lost" ]
# Columns: topic samples rate readers lost
# Of 6 s at 1 kHz; an emulated controller takes its time to start, twice.
enough=5000
[ "${2:-}" = emulated ] && enough=1000
for topic in imu wheels motor state; do
	# An emulated controller takes longer to its first cycle than the ring of imu lasts.
	[ "${2:-}" = emulated ] && [ $topic = imu ] && continue
	expect "topic $topic lost nothing" [ "$(awk -v t=$topic '$1 == t && NF > 5 { print $5; exit }' "$work/report.txt")" = 0 ]
	expect "topic $topic has samples" [ "$(awk -v t=$topic -v enough=$enough '$1 == t && NF > 5 { print ($2 > enough); exit }' "$work/report.txt")" = 1 ]
done
if [ "${2:-}" = sanitized ]; then
	echo "not asserted: page faults, since the sanitizers' own memory is not locked"
elif [ "${2:-}" = emulated ]; then
	echo "not asserted: page faults, since they are the emulator's own"
else
	expect "no page fault in the sensor's cycles" [ "$(awk '$1 == "sensor" && NF > 9 { print $(NF - 1) }' "$work/report.txt")" = 0 ]
	expect "no page fault in the controller's cycles" [ "$(awk '$1 == "controller" && NF > 9 { print $(NF - 1) }' "$work/report.txt")" = 0 ]
fi
expect "the controller was restarted once" [ "$(awk '$1 == "controller" && NF > 9 { print $NF }' "$work/report.txt")" = 1 ]
expect "the chain was measured" grep -q 'imu -> motor -> sensor' "$work/report.txt"

order=$(grep -nE 'told to move|killed by SIGKILL|ready again|gains raised' "$work/log" | sed -E 's/.*(told to move|killed by SIGKILL|ready again|gains raised).*/\1/' | tr '\n' ';')
expect "the events come in order: $order" [ "$(echo "$order" | sed 's/told to move/1/; s/killed by SIGKILL/2/; s/ready again/3/; s/gains raised/4/' |
	tr -d ';')" = 1234 ]

# An emulated tool is slower than the ring lasts.
[ "${2:-}" = emulated ] || expect "numbers are dense in the recording" [ "$(column "$work/state.csv" number | awk 'NR > 1 && $1 != last + 1 { gaps++ } { last = $1 } END { print gaps + 0 }')" = 0 ]
restart_ms=$(sed -nE 's/.*ready again, ([0-9.]+) ms.*/\1/p' "$work/log")
expect "the restart's time is said" [ -n "$restart_ms" ]
if awk -v ms="${restart_ms:-1000}" 'BEGIN { exit !(ms < 60) }'; then
	tilt=$(column "$work/state.csv" "tilt (rad)" | tail -1)
	expect "upright at the end, tilt $tilt rad, restarted in $restart_ms ms" awk -v t="$tilt" 'BEGIN { exit !(t < 0.2 && t > -0.2) }'
	expect "balancing at the end" [ "$(column "$work/state.csv" mode | tail -1)" = 1 ]
else
	echo "not asserted: upright, since the restart took $restart_ms ms on this machine"
fi
expect "both pictures exist" [ -s "$work/demo.svg" -a -s "$work/demo.png" ]
expect "the picture names its events" grep -q 'told to move' "$work/demo.svg"
expect "nothing is left in the shared-memory folder" [ -z "$(ls -A "$TAKT_SHM_FOLDER")" ]
[ "$failed" = 0 ] || cat "$work/log" "$work/report.txt" >&2
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
