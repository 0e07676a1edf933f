#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every classic example and its counterpart one after the other, so that a ratio is of one run on one machine, and prints a table.
# usage: compare.sh [-t] [-r ROUNDS] [FOLDER-OF-TAKT]      -t: their traps instead of their times; -r: the median of so many rounds (5)
here=$(dirname "$(realpath "$0")")
traps=0
rounds=5
while getopts tr: option; do
	case $option in
	t) traps=1 ;;
	r) rounds=$OPTARG ;;
	*) sed -n 's/^# usage: /usage: /p' "$0" >&2 && exit 2 ;;
	esac
done
shift $((OPTIND - 1))
bin=$(realpath "${1:-$here/../../../build/release/bin}") || exit 2
[ -x "$bin/ipc_pipe_takt" ] || { echo "compare.sh: no examples in $bin; build them, or name their folder" >&2 && exit 2; }
export TAKT_CONFIG="$here/ipc.yaml"
domains=$(mktemp -d "${TAKT_SHM_FOLDER:-/dev/shm}/takt-compare.XXXXXX") || exit 1
export TAKT_SHM_FOLDER="$domains" # nobody else's domain `ipc`
trap 'rm -rf "$domains"' EXIT

# mechanism, its counterpart's program, handovers in one round: few where each is a switch of processes
pairs='pipe pipe 40000
fifo fifo 4000
sysv_semaphore semaphore 100000
posix_semaphore semaphore 100000
sysv_memory sysv_memory 40000
posix_memory posix_memory 40000
sysv_queue queue 20000
posix_queue queue 4000
socket socket 4000
eventfd eventfd 4000
timerfd timerfd 400
rwlock rwlock 100000
condition condition 4000
barrier barrier 1000'

# The nanoseconds of one handover. With a domain of its own: what an example left in the last one is no matter.
time_of() {
	rm -rf "$domains"/takt.ipc
	said=$("$bin/ipc_$1" "$2") || { echo "compare.sh: ipc_$1 $2 failed" >&2 && exit 1; }
	printf '%s\n' "$said" | sed -n 's/.*; \([0-9]*\) ns each$/\1/p'
}
median() { sort -n | sed -n "$(((rounds + 1) / 2))p"; }

if [ $traps = 1 ]; then
	echo "$pairs" | while read -r name counterpart count; do
		for program in "${name}_classic" "${counterpart}_takt"; do
			rm -rf "$domains"/takt.ipc
			"$bin/ipc_$program" trap 2>/dev/null | sed "s/^/$program: /"
		done
	done
	exit
fi
printf '%-16s %10s %10s %7s\n' mechanism 'classic ns' 'takt ns' ratio
echo "$pairs" | while read -r name counterpart count; do
	: >"$domains/classic" && : >"$domains/takt"
	for _ in $(seq "$rounds"); do
		time_of "${name}_classic" "$count" >>"$domains/classic" || exit 1
		time_of "${counterpart}_takt" "$count" >>"$domains/takt" || exit 1
	done
	classic=$(median <"$domains/classic")
	takt=$(median <"$domains/takt")
	awk -v name="$name" -v classic="$classic" -v takt="$takt" \
		'BEGIN { printf "%-16s %10d %10d %7.2f\n", name, classic, takt, takt / classic }'
done
