#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A legacy program of each kind talks both ways through a real topic: what the first sends, a bridge publishes, another bridge takes away,
# and the second receives. usage: test_legacy.sh FOLDER-OF-TAKT FOLDER-OF-TICKER FOLDER-OF-LEGACY [CASE]
set -u
. "$(dirname "$(realpath "$0")")/common.sh"
own_namespace "$0" "$@"
bridge_set_up "$@"
last=40
in_options=

# through KIND OUT-OPTION...: sender, bridges and receiver have the targets $in and $out, and the legacy places $here and $there.
through() {
	local kind=$1 sender receiver
	shift
	# shellcheck disable=SC2086
	inward in "$in" $in_options
	start sender "$legacy/legacy_$kind" send "$here" 1 $last
	sender=$started
	finished sender "$sender" 0
	expect "all samples come in" until_true 20 has_samples $last
	start receiver "$legacy/legacy_$kind" receive "$there" $last
	receiver=$started
	expect "the receiver is there" until_true 20 $receiver_is_there
	outward out "$out" "$@"
	finished receiver "$receiver" 0
	expect "what was sent came out" diff <(expected 1 $last) "$work/receiver.out"
	for child in "${children[@]}"; do is_gone "$child" || stop bridge "$child"; done
	expect "the account of the way in" counted in.err passed $last
	expect "nothing lost on the way in" counted in.err lost 0
	expect "the account of the way out" counted out.err passed $last
}

case_pipe() {
	start in bash -c '"$0/legacy_fifo" send - 1 "$1" | takt bridge measure --from stdin --format raw --node inward --fields "$2"' \
		"$legacy" $last "$fields"
	finished in "$started" 0
	start out bash -c 'takt bridge measure --to stdout --format raw --history --count "$1" | "$0/legacy_fifo" receive - "$1"' \
		"$legacy" $last
	finished out "$started" 0
	expect "what was sent came out" diff <(expected 1 $last) "$work/out.out"
	expect "the account of the way in" counted in.err passed $last
}

case_fifo() {
	mkfifo "$work/in" "$work/out"
	in=fifo:$work/in out=fifo:$work/out here=$work/in there=$work/out receiver_is_there=reads_out
	in_options="--format raw"
	through fifo --format raw
}
reads_out() { has_open "$receiver" "$work/out"; }

case_sysv_queue() {
	in=sysv-queue:0x5441 out=sysv-queue:0x5442 here=0x5441 there=0x5442 receiver_is_there="ipcs_has -q 0x00005442"
	"$legacy/legacy_sysv_queue" send 0x5441 1 0
	in_options="--band 7"
	through sysv_queue --band 7
	# Messages of another type stay where they are: the bridge asked for type 7.
	ipcrm -Q 0x5441 -Q 0x5442
}
ipcs_has() { ipcs "$1" | grep -q "^$2"; }

# It holds ten messages, and so do the sockets of this machine.
case_posix_queue() {
	in=posix-queue:/takt-in-$$ out=posix-queue:/takt-out-$$ here=/takt-in-$$ there=/takt-out-$$
	receiver_is_there=queue_is_there
	last=10 in_options=
	"$legacy/legacy_posix_queue" send "$here" 1 0
	through posix_queue --band 3
	last=40
	remove_queue "$here"
	remove_queue "$there"
}
queue_is_there() { "$legacy/legacy_posix_queue" is-there "$there" 0; }

# Memory holds the newest only: each sample is sent when the one before has gone all the way.
case_sysv_shm() {
	state_case sysv_shm sysv-shm 0x5443 0x5444
	ipcrm -M 0x5443 -M 0x5444 -S 0x5443 -S 0x5444
}
case_posix_shm() {
	state_case posix_shm posix-shm "/takt-in-$$" "/takt-out-$$"
	rm -f "/dev/shm/takt-in-$$" "/dev/shm/takt-out-$$" "/dev/shm/sem.takt-in-$$" "/dev/shm/sem.takt-out-$$"
}
state_case() {
	local kind=$1 scheme=$2 count
	"$legacy/legacy_$kind" make "$3" || fail "cannot make it"
	"$legacy/legacy_$kind" make "$4" || fail "cannot make it"
	inward in "$scheme:$3"
	outward out "$scheme:$4"
	out_bridge=$started
	start receiver "$legacy/legacy_$kind" receive "$4" 5
	receiver=$started
	for count in 1 2 3 4 5; do
		"$legacy/legacy_$kind" send "$3" $count $count || fail "cannot send $count"
		expect "sample $count has come" until_true 20 received $count
	done
	finished receiver "$receiver" 0
	# The first look may find the zeros with which the memory was born: they are a sample like any other.
	expect "what was sent came out" diff <(expected 1 5) <(grep -v '^0 ' "$work/receiver.out")
	stop out "$out_bridge"
	expect "nothing lost" counted out.err lost 0
}
received() { grep -q "^$1 " "$work/receiver.out"; }

case_unix() {
	in=unix:$work/in.socket out=unix:$work/out.socket here=$work/in.socket there=$work/out.socket
	receiver_is_there="test -S $work/out.socket"
	last=10 in_options="--format raw"
	through unix --format raw
	last=40
	expect "the bridge took its name away" test ! -e "$work/in.socket"
}

case_udp() {
	local port
	port=$(python3 -c '
import socket
free = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
for one in free: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in free))')
	here=${port% *} there=${port#* }
	in=udp:127.0.0.1:$here out=udp:127.0.0.1:$there receiver_is_there="has receiver.err ready"
	in_options="--format raw"
	through udp --format raw
}

run_cases pipe fifo sysv_queue posix_queue sysv_shm posix_shm unix udp
