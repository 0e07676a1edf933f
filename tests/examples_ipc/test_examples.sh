#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The examples of takt-ipc(7): classic mechanisms beside takt's. usage: test_examples.sh BIN EXAMPLES pairs|traps|left
# With `left` all of them run where nothing else is, and nothing is there when they have ended.
# TAKT_EXAMPLES_MANY: how often what takes less than a microsecond is done with `pairs`.
bin=$1 examples=$(realpath "$2") part=$3
many=20000
[ "$part" != pairs ] || many=${TAKT_EXAMPLES_MANY:-1000000}
if [ "$part" = left ] && [ -z "${ALONE:-}" ]; then
	if ! unshare --ipc --mount true 2>/dev/null; then
		echo 'skipped: examples_ipc.left: unshare may not make a namespace of its own for IPC and mounts, so that others would be counted'
		exit 77
	fi
	ALONE=1 exec unshare --ipc --mount "$0" "$@"
fi
if [ "$part" = left ]; then
	mount -t tmpfs tmpfs /dev/shm || exit 1
fi
. "$(dirname "$0")/../process/command.sh"
export TAKT_CONFIG=$examples/ipc.yaml TMPDIR=$work/names
mkdir "$TMPDIR"

# all PROGRAM LINE: the last line of what it prints, whole.
all() { [ "$(tail -n 1 "$work/out" | sed 's/[0-9][0-9]* ns each/N ns each/')" = "$1; N ns each" ] || fail "expected: $1; N ns each"; }
says() { [ "$(cat "$work/out")" = "$1" ] || fail "expected: $1"; }
# What it pushed was taken, and nothing is in work.
empty() {
	[ -e "$TAKT_SHM_FOLDER/takt.ipc" ] || return 0
	run 0 takt queue list --domain ipc --format json
	json 'd[0]["queue"] == "stream" and not any(q["waiting"] or q["in_work"] for q in d)'
}

run_pairs() {
	local name
	for name in pipe_classic pipe_takt fifo_classic fifo_takt; do
		run 0 "ipc_$name" 2000
		all '2000 messages arrived'
	done
	for name in sysv_semaphore_classic posix_semaphore_classic semaphore_takt; do
		run 0 "ipc_$name" "$many"
		out '^0 times with both inside$'
		all "$many times taken"
	done
	for name in sysv_memory_classic sysv_memory_takt posix_memory_classic posix_memory_takt; do
		run 0 "ipc_$name" $((many / 5))
		out '^0 records torn$'
		all "$((many / 5)) records written"
	done
	for name in sysv_queue_classic posix_queue_classic queue_takt; do
		run 0 "ipc_$name" 2000
		out '^1000 of them urgent$'
		all '2000 messages arrived'
	done
	for name in socket_classic socket_takt; do
		run 0 "ipc_$name" 1000
		all '1000 questions answered'
	done
	for name in eventfd_classic eventfd_takt; do
		run 0 "ipc_$name" 1000
		all '1000 wake-ups returned'
	done
	for name in timerfd_classic timerfd_takt; do
		run 0 "ipc_$name" 100
		all '100 periods'
	done
	for name in rwlock_classic rwlock_takt; do
		run 0 "ipc_$name" "$many"
		out '^0 times with both inside$'
		all "$((many / 10)) times written"
	done
	for name in condition_classic condition_takt; do
		run 0 "ipc_$name" 1000
		all '2000 is the level reached'
	done
	for name in barrier_classic barrier_takt; do
		run 0 "ipc_$name" 500
		all '500 rounds begun together'
	done
	empty
}

# trap_of NAME CLASSIC COUNTERPART TAKT: what each says.
trap_of() {
	run 0 "ipc_${1}_classic" trap
	says "$2"
	run 0 "ipc_${3}_takt" trap
	says "$4"
	empty
}

run_traps() {
	trap_of pipe 'reader killed (signal 9) with message 1 in hand: writer killed (signal 13)' \
		pipe "$(printf 'consumer killed (signal 9) with message 1 in hand\nmessage 1 came again, delivery 2')"
	trap_of fifo 'writer gone: 1000 of 1000 polls returned at once, with nothing to read' \
		fifo 'publisher gone: the wait slept until its deadline, 0 wake-ups before'
	trap_of sysv_semaphore "$(printf 'holder killed, without SEM_UNDO: still taken after 200 ms
holder killed, with SEM_UNDO: it came back, and nobody is told')" semaphore 'holder killed: it came back'
	trap_of posix_semaphore 'holder killed: still taken after 200 ms' semaphore 'holder killed: it came back'
	trap_of sysv_memory 'writer killed in the middle of record 2: the reader gets half of 1 and half of 2' \
		sysv_memory 'writer killed in the middle of record 2: the reader gets record 1'
	local messages
	messages=$(printf 'consumer killed with 1 of 4 messages in hand: 4 came\nqueue full after 16: the producer is told timeout')
	trap_of sysv_queue 'queue full: the sender slept until a signal came' queue "$messages"
	trap_of posix_queue 'consumer killed with 1 of 4 messages in hand: 3 came' queue "$messages"
	trap_of socket "server killed: its successor is told 'Address already in use'" socket 'server killed: its successor is told nothing'
	trap_of eventfd 'causes 1, 4 and 9 posted: one read gives 3' eventfd 'causes 1, 4 and 9 posted: one take gives 1 4 9'
	trap_of timerfd 'cycle too long: fewer ticks than periods' timerfd 'cycle too long: the loop has counted the overruns'
	trap_of rwlock 'reader killed: the writer still waits after 200 ms' rwlock 'reader killed: the writer has the lock'
	trap_of condition 'signalled before the wait: the waiter still waits after 200 ms' \
		condition 'published before the wait: the waiter goes on'
	trap_of barrier 'member killed: the other still waits after 200 ms' barrier 'member killed: the other is told, and goes on'
	# The last, because the domain is done for: it is cleaned, as its message says.
	run 0 ipc_posix_memory_classic trap
	says 'memory cut off: the reader was killed (signal 7)'
	run 0 ipc_posix_memory_takt trap
	says 'memory cut off: the reader is told corrupt'
	err "topic 'places': its segment was cut off while it was in use"
}

end_domain() {
	run 0 takt clean ipc
	[ ! -e "$TAKT_SHM_FOLDER/takt.ipc" ] || fail 'the domain is still there'
}

# Everything of System V and POSIX that is in this namespace.
things() {
	ipcs -q -m -s | grep '^0x'
	ls -A "$work/mqueue" /dev/shm "$TMPDIR" | grep -v -e "^takt-test-tools\." -e ':$' -e '^$'
}

case $part in
pairs)
	run 0 takt check "$TAKT_CONFIG"
	out 'nothing stands against this config'
	run_pairs
	run_pairs # beside what the first left in the domain
	end_domain
	# The table: a line for each mechanism, each with its figures.
	run 0 "$examples/compare.sh" -r 1 "$bin"
	[ "$(grep -c '^[a-z_]*  *[0-9][0-9]*  *[0-9][0-9]*  *[0-9.]*$' "$work/out")" = 14 ] || fail 'fourteen mechanisms'
	run 2 ipc_pipe_classic 7
	err "'7' is neither 'trap' nor a multiple of 20"
	run 2 "$examples/compare.sh" /nowhere
	TAKT_CONFIG=/nowhere run 1 ipc_eventfd_takt
	err '/nowhere'
	;;
traps)
	run_traps
	end_domain
	;;
left)
	mkdir "$work/mqueue"
	mount -t mqueue mqueue "$work/mqueue" || exit 1
	# What is left is seen.
	ipcmk -Q -M 64 -S 1 >/dev/null
	touch "$work/mqueue/q" /dev/shm/sem.s "$TMPDIR/fifo"
	shown=things
	[ "$(things | wc -l)" = 6 ] || fail "six things were made, and seen are: $(things)"
	ipcrm -a
	rm "$work/mqueue/q" /dev/shm/sem.s "$TMPDIR/fifo"
	run_pairs
	run_traps
	end_domain
	[ -z "$(things)" ] || fail "left behind: $(things)"
	umount "$work/mqueue"
	;;
esac
echo "$checks commands, $failures failures"
[ $failures -eq 0 ]
