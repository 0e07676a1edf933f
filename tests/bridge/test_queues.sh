#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Items of a queue through a bridge, both ways: bands as types and priorities, nothing lost while the outside or the queue has no room, and
# what a dead bridge had is handed out again. usage: test_queues.sh FOLDER-OF-TAKT FOLDER-OF-TICKER FOLDER-OF-LEGACY [CASE]
set -u
. "$(dirname "$(realpath "$0")")/common.sh"
own_namespace "$0" "$@"
bridge_set_up "$@"
last=40

# into QUEUE TARGET [OPTION...]: a bridge that pushes, ready.
into() {
	local queue=$1
	shift
	start in takt bridge "$queue" --from "$@" --node inward --fields "$fields"
	until_true 20 node_is_ready inward || fail "the bridge is not ready"
	in_bridge=$started
}
# fill QUEUE FIRST LAST: items of the legacy program's struct.
fill() { "$legacy/legacy_fifo" send - "$2" "$3" | takt bridge "$1" --from stdin --format raw --node inward --fields "$fields" 2>"$work/fill.err"; }
# holds QUEUE N: so many items wait there.
holds() { [ "$(waiting "$1")" = "$2" ]; }
waiting() { takt queue list --format csv 2>/dev/null | awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "waiting") column = i } $1 == name { print $column }'; }
# counts_of_band BAND: what is taken from there.
counts_of_band() { takt queue take jobs --band "$1" --count 100 --format csv --field count 2>/dev/null | sed 1d | cut -d, -f8 | tr '\n' ' '; }

# The legacy programs know their type and their priority only.
through() {
	local kind=$1 in=$2 here=$3 out=$4 there=$5 band=$6
	into jobs "$in"
	start sender "$legacy/legacy_$kind" send "$here" 1 $last
	finished sender "$started" 0
	expect "all have come in" until_true 20 holds jobs $last
	takt queue take jobs --band "$band" --count 1 --format json >"$work/one.out" 2>"$work/one.err"
	expect "in the band of their type or priority" grep -q "\"band\":$band,.*\"count\":1[,}]" "$work/one.out"
	start receiver "$legacy/legacy_$kind" receive "$there" $last
	receiver=$started
	start out takt bridge jobs --to "$out" --create
	out_bridge=$started
	finished receiver "$receiver" 0
	expect "what was sent came out, in its order" diff <(expected 2 $last) "$work/receiver.out"
	takt ipc list --format csv >"$work/ipc.out" 2>"$work/ipc.err"
	expect "the machine's list names who pushes" grep -q "bridged/queue.jobs,.*,inward,0," "$work/ipc.out"
	expect "nothing stays in the queue" until_true 20 holds jobs 0
	stop in "$in_bridge"
	stop out "$out_bridge"
	expect "the account of the way in" counted in.err passed $last
	expect "the account of the way out" counted out.err passed $((last - 1))
	expect "nothing lost" counted out.err lost 0
}
case_sysv_queue() {
	"$legacy/legacy_sysv_queue" send 0x5441 1 0
	through sysv_queue sysv-queue:0x5441 0x5441 sysv-queue:0x5442 0x5442 6
	ipcrm -Q 0x5441 -Q 0x5442
}
case_posix_queue() {
	last=10
	"$legacy/legacy_posix_queue" send "/takt-in-$$" 1 0
	through posix_queue "posix-queue:/takt-in-$$" "/takt-in-$$" "posix-queue:/takt-out-$$" "/takt-out-$$" 3
	last=40
	remove_queue "/takt-in-$$"
	remove_queue "/takt-out-$$"
}

# The highest band first, one band alone, and as a node of the config.
case_bands() {
	fill jobs 1 1
	for band in 0 2 5; do takt queue push jobs count=1$band --band $band || fail "cannot push"; done
	takt bridge jobs --to stdout --format csv --queue-band 2 --count 1 >"$work/two.out" 2>"$work/two.err"
	expect "the band that was asked for" grep -q ",12," "$work/two.out"
	takt bridge jobs --to stdout --format csv --count 3 --node outward >"$work/rest.out" 2>"$work/rest.err"
	expect "the highest first" diff <(printf '15\n1\n10\n') <(sed 1d "$work/rest.out" | cut -d, -f4)
	expect "its account" counted rest.err passed 3
	takt bridge jobs --to stdout --queue-band 8 >"$work/wrong.out" 2>"$work/wrong.err"
	expect "there is no such band" has wrong.err "'8' is not a whole number from 0 to 7"
	"$legacy/legacy_fifo" send - 7 7 | takt bridge jobs --from stdin --format raw --node inward --queue-band 4 2>/dev/null
	expect "into the band that was asked for" [ "$(counts_of_band 4)" = "7 " ]
}

# While nobody is there, items stay where they are.
case_nobody() {
	mkfifo "$work/out"
	fill jobs 1 20
	start out takt bridge jobs --to "fifo:$work/out" --format raw
	out_bridge=$started
	expect "it says what becomes of them" until_true 20 has out.err 'nobody is there; what comes meanwhile waits in the queue'
	start receiver "$legacy/legacy_fifo" receive "$work/out" 20
	finished receiver "$started" 0
	expect "all come, in their order" diff <(expected 1 20) "$work/receiver.out"
	stop out "$out_bridge"
	expect "the account" counted out.err passed 20
	expect "nothing lost" counted out.err lost 0
	rm -f "$work/out"
}

# A bridge that is killed with an item in its hands: the next consumer gets it, marked.
case_killed() {
	mkfifo "$work/out"
	fill jobs 1 2
	start out takt bridge jobs --to "fifo:$work/out" --format raw
	expect "it has an item" until_true 20 holds jobs 1
	kill -KILL "$started"
	wait "$started" 2>/dev/null
	takt queue take jobs --count 2 --format json >"$work/again.out" 2>"$work/again.err"
	expect "the first is handed out again, and marked" grep -q '"is_redelivered":true.*"count":1[,}]' "$work/again.out"
	expect "the second is not" grep -q '"is_redelivered":false.*"count":2[,}]' "$work/again.out"
	# One that ends in order gives it back.
	fill jobs 3 3
	start out takt bridge jobs --to "fifo:$work/out" --format raw
	expect "it has an item" until_true 20 holds jobs 0
	stop out "$started"
	expect "it has given it back" holds jobs 1
	rm -f "$work/out"
}

# A full queue: its policy says whether the outside waits.
case_full() {
	"$legacy/legacy_fifo" send - 1 20 >"$work/records"
	start in bash -c 'takt bridge few --from stdin --format raw --node inward --fields "$0" <"$1"' "$fields" "$work/records"
	in_bridge=$started
	expect "the queue is full" until_true 20 holds few 4
	sleep 0.3 # longer than one of its waits for room, so that it must wait again
	takt queue take few --count 20 --for 20s --format csv --field count >"$work/taken.out" 2>"$work/taken.err"
	finished in "$in_bridge" 0
	expect "all have passed, in their order" diff <(seq 1 20) <(sed 1d "$work/taken.out" | cut -d, -f8)
	expect "nothing lost" counted in.err lost 0
	start in bash -c 'exec takt bridge few --from stdin --format raw --node inward --fields "$0" <"$1"' "$fields" "$work/records"
	in_bridge=$started
	expect "the queue is full again" until_true 20 holds few 4
	sleep 0.3
	stop in "$in_bridge"
	expect "what it had in its hands is counted" counted in.err full 1
	takt bridge drops --from stdin --format raw --node inward --fields "$fields" <"$work/records" 2>"$work/drops.err"
	expect "what was dropped is counted" counted drops.err full 16
	expect "and what was not" counted drops.err passed 4
}

run_cases sysv_queue posix_queue bands nobody killed full
