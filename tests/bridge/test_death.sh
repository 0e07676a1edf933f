#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Either side dies in the middle, also while it holds the semaphore; what it held, and what the other side does then.
# usage: test_death.sh FOLDER-OF-TAKT FOLDER-OF-TICKER FOLDER-OF-LEGACY [CASE]
set -u
. "$(dirname "$(realpath "$0")")/common.sh"
own_namespace "$0" "$@"
bridge_set_up "$@"
held=$legacy/held.so
# A sanitizer wants to be the first library of a process; here another is.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}${ASAN_OPTIONS:+:}verify_asan_link_order=0

publish() { "$legacy/legacy_fifo" send - "$1" "$2" | takt bridge measure --from stdin --format raw --node inward --fields "$fields" 2>>"$work/feed.err"; }

# kill_while_holding DIRECTION TARGET: a bridge that has the semaphore is killed.
kill_while_holding() {
	rm -f "$work/held"
	if [ "$1" = to ]; then
		start bridge env LD_PRELOAD="$held" HELD_FILE="$work/held" takt bridge measure --to "$2" --history
	else
		start bridge env LD_PRELOAD="$held" HELD_FILE="$work/held" takt bridge measure --from "$2" --node inward --fields "$fields"
	fi
	expect "the bridge holds the semaphore" until_true 20 test -e "$work/held"
	kill -KILL "$started"
	wait "$started" 2>/dev/null
}

case_sysv_bridge_dies() {
	"$legacy/legacy_sysv_shm" make 0x5443
	publish 1 3
	for direction in to from; do
		kill_while_holding $direction sysv-shm:0x5443
		expect "the system gave back what the dead bridge held (--$direction)" "$legacy/legacy_sysv_shm" try 0x5443
	done
	ipcrm -M 0x5443 -S 0x5443
}

# A legacy program that takes it with SEM_UNDO costs nothing but its death; one that does not costs the bound, again and again, until
# somebody repairs it.
case_sysv_legacy_dies() {
	"$legacy/legacy_sysv_shm" make 0x5443
	inward in sysv-shm:0x5443 --bound 30ms
	in_bridge=$started
	start holder "$legacy/legacy_sysv_shm" hold 0x5443
	expect "the legacy program holds it" until_true 20 has holder.out held
	expect "the bridge says that its bound has passed" until_true 20 has in.err 'not free within 30 ms'
	kill -KILL "$started"
	wait "$started" 2>/dev/null
	expect "the bridge goes on" until_true 20 has in.err 'goes on'
	"$legacy/legacy_sysv_shm" send 0x5443 8 8
	expect "and samples come" until_true 20 has_samples 1

	start holder "$legacy/legacy_sysv_shm" hold-bare 0x5443
	expect "the legacy program holds it" until_true 20 has holder.out held
	kill -KILL "$started"
	wait "$started" 2>/dev/null
	expect "the bridge lives and says so again" until_true 20 said_times in.err 'not free within 30 ms' 2
	"$legacy/legacy_sysv_shm" repair 0x5443
	expect "the bridge goes on once more" until_true 20 said_times in.err 'goes on' 2
	stop in "$in_bridge"
	ipcrm -M 0x5443 -S 0x5443
}
said_times() { [ "$(grep -c "$2" "$work/$1")" -ge "$3" ]; }

# Nobody gives a POSIX semaphore back: the bound passes on either side, and is told.
case_posix_bridge_dies() {
	name=/takt-shm-$$
	"$legacy/legacy_posix_shm" make "$name"
	publish 1 3
	for direction in to from; do
		kill_while_holding $direction "posix-shm:$name"
		"$legacy/legacy_posix_shm" try-briefly "$name"
		expect "the legacy program's bound passes (--$direction)" test $? = 3
		start next takt bridge measure --to "posix-shm:$name" --history --bound 30ms
		next=$started
		expect "the next bridge says that its bound has passed" until_true 20 has next.err 'not free within 30 ms'
		"$legacy/legacy_posix_shm" repair "$name"
		publish 4 5
		expect "repaired, it goes on" until_true 20 has next.err 'goes on'
		stop next "$next"
		expect "what found no way is counted" grep -qE 'bound [1-9]' "$work/next.err"
	done
	rm -f "/dev/shm$name" "/dev/shm/sem.${name#/}"
}

case_posix_legacy_dies() {
	name=/takt-shm-$$
	"$legacy/legacy_posix_shm" make "$name"
	start holder "$legacy/legacy_posix_shm" hold "$name"
	expect "the legacy program holds it" until_true 20 has holder.out held
	kill -KILL "$started"
	wait "$started" 2>/dev/null
	publish 1 4
	start out takt bridge measure --to "posix-shm:$name" --history --bound 30ms
	out_bridge=$started
	expect "the bridge says that its bound has passed" until_true 20 has out.err 'not free within 30 ms'
	expect "all are counted" until_true 20 says_on_demand "$out_bridge" out.err 'bound 4'
	stop out "$out_bridge"
	expect "and none has passed" counted out.err passed 0
	rm -f "/dev/shm$name" "/dev/shm/sem.${name#/}"
}

# A reader that goes, and one that comes: nobody is lost twice, and the bridge lives.
case_fifo_reader_dies() {
	mkfifo "$work/pipe"
	publish 1 6
	start out takt bridge measure --to "fifo:$work/pipe" --format raw --history
	out_bridge=$started
	expect "the bridge says that nobody is there" until_true 20 has out.err 'nobody is there'
	start reader "$legacy/legacy_fifo" receive "$work/pipe" 1000
	expect "the reader is there" until_true 20 has_open "$started" "$work/pipe"
	publish 7 9
	expect "it gets what comes from now on" until_true 20 has reader.out '^9 '
	kill -KILL "$started"
	wait "$started" 2>/dev/null
	publish 10 12
	expect "the bridge says it again" until_true 20 said_times out.err 'nobody is there' 2
	expect "an account on demand" until_true 20 says_on_demand "$out_bridge" out.err '12 taken'
	stop out "$out_bridge"
	expect "three passed" counted out.err passed 3
	expect "nine met nobody" counted out.err nobody 9
}
case_unix_receiver_dies() {
	socket=$work/receiver.socket
	start receiver "$legacy/legacy_unix" receive "$socket" 1000
	expect "the receiver is there" until_true 20 test -S "$socket"
	publish 1 3
	start out takt bridge measure --to "unix:$socket" --format raw --history
	out_bridge=$started
	expect "it gets what there is" until_true 20 has receiver.out '^3 '
	kill -KILL "${children[0]}"
	wait "${children[0]}" 2>/dev/null
	publish 4 5
	expect "the bridge says that nobody is there" until_true 20 has out.err 'nobody is there'
	rm -f "$socket"
	start again "$legacy/legacy_unix" receive "$socket" 1000
	expect "another receiver is there" until_true 20 test -S "$socket"
	publish 6 7
	expect "it gets what comes from now on" until_true 20 has again.out '^7 '
	stop out "$out_bridge"
	expect "five passed" counted out.err passed 5
	expect "two met nobody" counted out.err nobody 2
}

# A socket that a killed bridge left behind is replaced by the next; one that lives is not.
case_unix_bridge_dies() {
	socket=$work/bridge.socket
	inward in "unix:$socket" --format raw
	start second takt bridge never --from "unix:$socket" --node twin_in --format raw --fields "$fields"
	finished second "$started" 1
	kill -KILL "${children[0]}"
	wait "${children[0]}" 2>/dev/null
	expect "it left its name behind" test -S "$socket"
	start third takt bridge never --from "unix:$socket" --node inward --format raw --fields "$fields"
	third=$started
	until_true 20 node_is_ready inward
	start busy takt bridge twin --from "unix:$socket" --node twin_in --format raw --fields "$fields"
	finished busy "$started" 1
	stop third "$third"
	expect "a clean end leaves none" test ! -e "$socket"
}

run_cases sysv_bridge_dies sysv_legacy_dies posix_bridge_dies posix_legacy_dies fifo_reader_dies unix_receiver_dies unix_bridge_dies
