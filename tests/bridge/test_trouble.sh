#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What can be wrong with a target: unknown, of the wrong kind, too small, full, removed, forbidden, over the system's limits; and bytes
# from outside that are no samples. usage: test_trouble.sh FOLDER-OF-TAKT FOLDER-OF-TICKER FOLDER-OF-LEGACY [CASE]
set -u
. "$(dirname "$(realpath "$0")")/common.sh"
own_namespace "$0" "$@"
bridge_set_up "$@"

# refused CODE PATTERN TARGET OPTION...: a bridge of the topic, to the target or with the options as they are, ends with CODE and says it.
refused() {
	local code=$1 pattern=$2
	shift 2
	start refused takt bridge measure "$@"
	finished "takt bridge measure $*" "$started" "$code"
	expect "takt bridge measure $*: says $pattern" has refused.err "$pattern"
}
publish() { "$legacy/legacy_fifo" send - "$1" "$2" | takt bridge measure --from stdin --format raw --node inward --fields "$fields" 2>>"$work/feed.err"; }

case_command_line() {
	refused 2 '--to TARGET or --from TARGET is missing'
	refused 2 "did you mean 'sysv-queue'" --to sysv-queu:1
	refused 2 'is no target; there are: stdout, stdin, fifo:PATH' --to carrier-pigeon
	refused 2 'is no target' --to fifo
	refused 2 'is no target' --to fifo:
	refused 2 'is no target' --to stdout:x
	refused 2 'not both' --to stdout --from stdin
	refused 2 'stdin is for --from only' --to stdin
	refused 2 'stdout is for --to only' --from stdout
	refused 2 'posix-shm does not carry --format json' --to posix-shm:/x --format json
	refused 2 'unix does not carry --format csv' --to unix:/x --format csv
	refused 2 "did you mean 'json'" --to stdout --format jsn
	refused 2 'has no bands' --to stdout --band 1
	refused 2 'not from 1 to 2147483647' --to sysv-queue:1 --band 0
	refused 2 'not from 0 to 32767' --to posix-queue:/x --band 32768
	refused 2 'cannot be asked for one' --from posix-queue:/x --band 1
	refused 2 'no semaphore' --to stdout --guard 1
	refused 2 'a number of samples a second' --to stdout --rate 0
	refused 2 'a time up to 10s' --to sysv-shm:1 --bound 11s
	refused 2 'retry or end' --to stdout --on-close never
	refused 2 '--fields is for --from' --to stdout --fields 'x u8'
	refused 2 'who publishes is a node' --from stdin --domain bridged
}

case_nodes_and_fields() {
	env -u TAKT_CONFIG takt bridge measure --from stdin --node inward 2>"$work/refused.err" </dev/null
	expect "without a config" has refused.err TAKT_CONFIG
	refused 1 'lists no such node' --from stdin --node nobody
	refused 1 'may not publish' --from stdin --node outward --fields "$fields"
	refused 1 'its fields are not known; give them' --from stdin --node inward
	refused 1 'its kind is none of i8 u8' --from stdin --node inward --fields 'x u7'
	refused 1 'NAME KIND' --from stdin --node inward --fields 'x'
	refused 1 'a struct of 16 bytes, and the config says that type' --from stdin --node inward --fields 'x u8, y u64'
	refused 1 'behind @ stands its offset' --from stdin --node inward --fields 'x u8 @z'
	refused 1 'a struct of 25 bytes, and the config' --from stdin --node inward --fields 'x u8 @24'
	start refused takt bridge nothing --from stdin --node inward
	finished "an unknown topic" "$started" 1
	publish 1 2
	refused 1 'differ\|is .* here and' --from stdin --node inward --fields 'count u64, value f64 psi, status i32, unit char[4]'
	start refused takt bridge meashure --to stdout
	finished "an unknown topic" "$started" 1
	expect "names the near one" has refused.err "did you mean 'measure'"
}

case_targets() {
	publish 1 2
	refused 1 "there is no named pipe $work/absent; make it" --to "fifo:$work/absent"
	: >"$work/file"
	refused 1 'is no named pipe' --to "fifo:$work/file"
	refused 1 'neither a number .* nor a path for ftok' --to sysv-queue:pressure
	refused 1 'IPC_PRIVATE' --to sysv-queue:0
	refused 1 'ftok cannot look at the path: No such file' --to "sysv-queue:$work/absent"
	refused 1 "ftok's project, a number from 1 to 255" --to "sysv-queue:$work/file,256"
	refused 1 'no System V message queue with the key 0x00005441' --to sysv-queue:0x5441
	refused 1 'no System V segment with the key 0x00005441' --to sysv-shm:21569
	refused 1 'must begin with a slash' --to posix-queue:pressure
	refused 1 'must begin with a slash' --to posix-shm:/a/b
	refused 1 'there is no POSIX message queue /takt-none' --to posix-queue:/takt-none
	refused 1 'there is no POSIX shared memory /takt-none' --to posix-shm:/takt-none
	refused 1 'no UNIX socket' --to "unix:$work/absent"
	refused 1 'is no UNIX socket' --to "unix:$work/file"
	refused 1 'a path has 1 to 107 bytes' --to "unix:/$(printf '%0120d' 0)"
	refused 1 'no socket but a file' --from "unix:$work/file" --node inward
	refused 1 'expected HOST:PORT' --to udp:5000
	refused 1 'expected HOST:PORT' --to udp:127.0.0.1:70000
	refused 1 'no address for the host' --to udp:no.such.host.invalid:5000
	refused 1 'cannot receive there' --from udp:192.0.2.1:5000 --node inward
	# A segment without its semaphore.
	"$legacy/legacy_sysv_shm" make 0x5443
	ipcrm -S 0x5443
	refused 1 'no System V semaphore with the key 0x00005443' --to sysv-shm:0x5443
	refused 1 'it has 24 bytes and the record 72' --to sysv-shm:0x5443 --format binary --guard 0x5443
	ipcrm -M 0x5443
}

case_too_small() {
	publish 1 2
	"$legacy/legacy_posix_queue" send "/takt-small-$$" 1 0
	refused 1 'at most 24 bytes (msgsize) and the record 72' --to "posix-queue:/takt-small-$$" --format binary
	remove_queue "/takt-small-$$"
	"$legacy/legacy_posix_shm" make "/takt-small-$$"
	refused 1 'it has 24 bytes and the record 72' --to "posix-shm:/takt-small-$$" --format binary
	# Cut off while it is in use.
	start out takt bridge measure --to "posix-shm:/takt-small-$$" --history
	out=$started
	expect "two pass" until_true 20 says_on_demand "$out" out.err '2 passed'
	: >"/dev/shm/takt-small-$$"
	publish 3 4
	expect "one that is cut off is told" until_true 20 has out.err 'it has 0 bytes and the record 24'
	expect "both are counted" until_true 20 says_on_demand "$out" out.err '2 refused'
	stop out "$out"
	expect "and it is told once" test "$(grep -c 'it has 0 bytes' "$work/out.err")" = 1
	rm -f "/dev/shm/takt-small-$$" "/dev/shm/sem.takt-small-$$"
}

# A peer that does not read costs its own samples and nobody's time.
case_full() {
	publish 1 40
	start out takt bridge measure --to "posix-queue:/takt-full-$$" --create --history
	out=$started
	expect "the queue is full" until_true 20 says_on_demand "$out" out.err '40 taken, 10 passed, 30 lost (full 30,'
	stop out "$out"
	expect "what did not fit is counted" counted out.err full 30
	remove_queue "/takt-full-$$"

	# A pipe: what of a record did not fit comes before the next, so that none is torn.
	mkfifo "$work/pipe"
	exec 9<>"$work/pipe"
	start in bash -c '"$0/legacy_fifo" send - 1 20000 | takt bridge measure --from stdin --format raw --node inward --fields "$1"' \
		"$legacy" "$fields"
	start out takt bridge measure --to "fifo:$work/pipe" --format json --history
	out=$started
	expect "the pipe is full" until_true 30 has out.err 'is full'
	until_true 30 is_gone "${children[0]}"
	stop out "$out"
	expect "something was lost" grep -qE 'full [1-9]' "$work/out.err"
	timeout 5 cat <&9 >"$work/pipe.text" &
	reader=$!
	passed=$(sed -n 's/.* \([0-9]*\) passed.*/\1/p' "$work/out.err" | tail -1)
	expect "every record that passed is whole, but for the last" until_true 10 whole_lines $((passed - 1))
	kill "$reader" 2>/dev/null
	wait "$reader" 2>/dev/null
	exec 9>&-
}
whole_lines() { [ "$(grep -c '^{"topic":"measure".*}$' "$work/pipe.text")" -ge "$1" ]; }

# Records that a pipe takes in pieces: of what does not fit at once the rest comes before the next.
case_torn() {
	mkfifo "$work/pipe"
	exec 9<>"$work/pipe"
	wide 1 20
	start out takt bridge wide --to "fifo:$work/pipe" --format raw --history
	out=$started
	expect "the pipe is full" until_true 30 says_on_demand "$out" out.err '20 taken'
	cat <&9 >"$work/pipe.bytes" &
	reader=$!
	children+=("$reader")
	wide 21 40
	expect "all are taken" until_true 30 says_on_demand "$out" out.err '40 taken'
	stop out "$out"
	expect "something was lost" grep -qE 'full [1-9]' "$work/out.err"
	passed=$(sed -n 's/.* \([0-9]*\) passed.*/\1/p' "$work/out.err" | tail -1)
	expect "and what passed is whole" until_true 20 whole_records "$passed"
	exec 9>&-
}
wide() {
	python3 -c '
import struct, sys
for count in range(int(sys.argv[1]), int(sys.argv[2]) + 1):
    sys.stdout.buffer.write(struct.pack("Q", count) + bytes([count]) * 11992)' "$1" "$2" |
		takt bridge wide --from stdin --format raw --node inward --fields "count u64, block u8[11992]" 2>>"$work/feed.err"
}
whole_records() {
	python3 - "$work/pipe.bytes" "$1" <<'CHECK'
import struct, sys
data, passed = open(sys.argv[1], "rb").read(), int(sys.argv[2])
records = [data[at : at + 12000] for at in range(0, len(data) - 11999, 12000)]
good = all(one[8:] == bytes([struct.unpack_from("Q", one)[0] % 256]) * 11992 for one in records)
sys.exit(0 if good and len(records) == passed and len(data) == passed * 12000 else 1)
CHECK
}

case_removed() {
	publish 1 2
	"$legacy/legacy_sysv_queue" send 0x5441 1 0
	start out takt bridge measure --to sysv-queue:0x5441 --history
	out=$started
	expect "two pass" until_true 20 says_on_demand "$out" out.err '2 passed'
	ipcrm -Q 0x5441
	publish 3 3
	expect "the removal is told" until_true 20 has out.err 'was removed; looking for it'
	"$legacy/legacy_sysv_queue" send 0x5441 1 0
	expect "it is found again" until_true 20 found_again
	stop out "$out"
	ipcrm -Q 0x5441

	for target in sysv-queue:0x5441 sysv-shm:0x5441 "posix-queue:/takt-r-$$" "posix-shm:/takt-r-$$"; do
		start out takt bridge measure --to "$target" --create --history --on-close end
		out=$started
		expect "$target: is open" until_true 20 says_on_demand "$out" out.err '[1-9][0-9]* passed'
		ipcrm -Q 0x5441 2>/dev/null
		ipcrm -M 0x5441 2>/dev/null
		remove_queue "/takt-r-$$"
		rm -f "/dev/shm/takt-r-$$"
		publish 4 4
		finished "$target" "$out" 1
		expect "$target: the removal is told" has out.err "$target was removed$"
		ipcrm -S 0x5441 2>/dev/null
		rm -f "/dev/shm/sem.takt-r-$$"
	done

	"$legacy/legacy_sysv_queue" send 0x5441 1 0
	inward in sysv-queue:0x5441 --on-close end
	in=$started
	ipcrm -Q 0x5441
	finished "from a removed queue" "$in" 1
	expect "the removal is told" has in.err 'sysv-queue:0x5441 was removed$'
}
# It is looked for when a sample comes.
found_again() {
	publish 5 5
	has out.err 'is there again'
}

# Lengths are the sender's word: each is looked at.
case_foreign_bytes() {
	local socket=$work/in.socket
	inward in "unix:$socket" --format raw
	in=$started
	python3 - "$socket" <<'SEND'
import socket, struct, sys
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
end.connect(sys.argv[1])
good = struct.pack("QdI4s", 1, -0.25, 4, b"bar\0")
for one in (b"", good[:-1], good + b"x", good * 100, good):
    end.send(one)
SEND
	expect "the good one has come" until_true 20 has_samples 1
	stop in "$in"
	expect "one passed" counted in.err passed 1
	expect "four were refused" counted in.err refused 4
	expect "and it was told why" has in.err 'its length is .*, expected 24\|longer than it may be'

	start bad takt bridge measure --from "unix:$socket" --node inward
	bad=$started
	until_true 20 node_is_ready inward
	python3 - "$socket" <<'SEND'
import socket, struct, sys
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
end.connect(sys.argv[1])
def frame(magic=b"TAKTSMPL", version=1, head=48, endian=0x01020304, kind=0, number=1, bytes_=24, payload=b"x" * 24):
    return magic + struct.pack("HHIQQQII", version, head, endian, kind, number, 0, bytes_, 0) + payload
for one in (frame(), frame(magic=b"takt    "), frame(endian=0x04030201), frame(version=2), frame(bytes_=2**32 - 1), b"TAKTSMPL"):
    end.send(one)
SEND
	expect "six were refused" until_true 20 says_on_demand "$bad" bad.err '6 refused'
	stop bad "$bad"
	expect "none passed" counted bad.err passed 0

	"$legacy/legacy_posix_queue" send "/takt-long-$$" 1 3
	start long takt bridge tick --to stdout
	kill -KILL "$started"
	wait "$started" 2>/dev/null
	start long takt bridge twin --from "posix-queue:/takt-long-$$" --node twin_in --fields 'x u8[120]'
	long=$started
	expect "three of another struct were refused" until_true 20 says_on_demand "$long" long.err '3 refused'
	stop long "$long"
	remove_queue "/takt-long-$$"
}

# In a namespace of its own the system's limits can be lowered.
case_limits() {
	if ! { echo 0 >/proc/sys/kernel/msgmni; } 2>/dev/null; then
		echo "not tried: limits: the namespace's limits cannot be set here"
		checks=$((checks + 1))
		return
	fi
	publish 1 2
	refused 1 'kernel.msgmni is 0' --to sysv-queue:0x5441 --create
	echo 32000 >/proc/sys/kernel/msgmni
	echo 10 >/proc/sys/kernel/msgmax
	refused 1 'kernel.msgmax is 10; raise it with sysctl -w kernel.msgmax=24' --to sysv-queue:0x5441 --create
	echo 8192 >/proc/sys/kernel/msgmax
	ipcrm -Q 0x5441
	echo 0 >/proc/sys/kernel/shmmni
	refused 1 'kernel.shmmni is 0' --to sysv-shm:0x5441 --create
	echo 4096 >/proc/sys/kernel/shmmni
	cat /proc/sys/kernel/sem >"$work/sem"
	echo "250 32000 500 0" >/proc/sys/kernel/sem
	refused 1 'kernel.sem is 250 32000 500 0' --to sysv-shm:0x5441 --create
	cat "$work/sem" >/proc/sys/kernel/sem
	ipcrm -M 0x5441
	# Of POSIX queues even root may have more, unless the right is taken away.
	echo 0 >/proc/sys/fs/mqueue/queues_max
	setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource \
		takt bridge measure --to "posix-queue:/takt-limit-$$" --create 2>"$work/refused.err"
	expect "fs.mqueue.queues_max" has refused.err 'fs.mqueue.queues_max is 0'
	echo 256 >/proc/sys/fs/mqueue/queues_max
	( ulimit -q 100 && exec setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource \
		takt bridge measure --to "posix-queue:/takt-limit-$$" --create ) 2>"$work/refused.err"
	expect "RLIMIT_MSGQUEUE" has refused.err 'may have 100 bytes together (RLIMIT_MSGQUEUE)'
}

# Another user meets what is not his.
case_rights() {
	if [ "$(id -u)" != 0 ] || ! setpriv --reuid=65534 --regid=65534 --clear-groups test -r "$work" 2>/dev/null; then
		echo "not tried: rights: not root, so nobody can become another user"
		checks=$((checks + 1))
		return
	fi
	local nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	publish 1 2
	takt create "$TAKT_CONFIG" >/dev/null 2>&1
	"$legacy/legacy_sysv_queue" send 0x5441 1 0
	"$legacy/legacy_sysv_shm" make 0x5441
	"$legacy/legacy_posix_queue" send "/takt-mine-$$" 1 0
	"$legacy/legacy_posix_shm" make "/takt-mine-$$"
	mkfifo -m 600 "$work/mine"
	python3 - "$work/socket" <<'BIND' &
import os, socket, sys, time
os.umask(0o177)
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
end.bind(sys.argv[1])
time.sleep(60)
BIND
	children+=($!)
	until_true 20 test -S "$work/socket"
	for target in sysv-queue:0x5441 sysv-shm:0x5441 "posix-queue:/takt-mine-$$" "posix-shm:/takt-mine-$$" "fifo:$work/mine" \
		"unix:$work/socket"; do
		start nobody "${nobody[@]}" "$bin/takt" bridge measure --to "$target" --domain bridged
		finished "$target as nobody" "$started" 1
		expect "$target: who may not is told" has nobody.err 'uid 65534 may not use it\|Permission denied'
	done
	ipcrm -Q 0x5441 -M 0x5441 -S 0x5441
	remove_queue "/takt-mine-$$"
	rm -f "/dev/shm/takt-mine-$$" "/dev/shm/sem.takt-mine-$$"
}

run_cases command_line nodes_and_fields targets too_small full torn removed foreign_bytes limits rights
