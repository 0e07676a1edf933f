#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From half a second after its nodes run until they are told to end, a domain allocates nothing and faults no page, whatever commands
# it is sent: counted by a preloaded library and by the kernel, not believed.
#   test_fixed_allocation.sh BIN_FOLDER CONFIG [COUNTER_LIBRARY]
# BIN_FOLDER has `takt` and the config's programs; COUNTER_LIBRARY is compiled from allocation_counter.c where it is not given.
set -u
bin=$(realpath "${1:?usage: test_fixed_allocation.sh BIN_FOLDER CONFIG [COUNTER_LIBRARY]}")
config=$(realpath "${2:?a config is missing}")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d /dev/shm/takt-allocation-XXXXXX)
export TAKT_SHM_FOLDER=$work
export ALLOCATION_COUNTER_FOLDER=$work/counts
runner=
failures=0

clean_up() {
	[ -n "$runner" ] && kill -TERM "$runner" 2>/dev/null && wait "$runner"
	rm -rf "$work"
}
trap clean_up EXIT

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

die() {
	echo "FAIL: $*"
	sed 's/^/  /' "$work/log" 2>/dev/null
	exit 1
}

set_switch() {
	printf '%b' "\\x0$1" | dd of="$work/counts/switch" conv=notrunc bs=1 count=1 status=none
}

# ask NODE LINE: sends a line as a shell does and prints what comes back, or gives up after 5 s.
ask() {
	local folder=$work/takt.$domain
	[ -p "$folder/reply.test" ] || mkfifo "$folder/reply.test"
	exec 9<>"$folder/reply.test"
	printf '\n@reply.test %s\n' "$2" >"$folder/command.$1" || return 1
	local line
	while IFS= read -r -t 5 line <&9; do
		printf '%s\n' "$line"
		case $line in ok* | error:*) exec 9>&- && return 0 ;; esac
	done
	exec 9>&-
	return 1
}

# wait_until WHAT COMMAND...: polls for at most 20 s.
wait_until() {
	local what=$1 end=$((SECONDS + 20))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || die "waited in vain for: $what"
		kill -0 "$runner" 2>/dev/null || die "takt run has ended"
		sleep 0.05
	done
}

is_there() { [ -p "$work/takt.$domain/command.$1" ]; }
is_running() { ask "$1" status | grep -q state=running; }
faults_told() { ask "$1" status | sed -n 's/.* faults=\([0-9]*\).*/\1/p'; }
cycles_told() { ask "$1" status | sed -n 's/.* cycles=\([0-9]*\).*/\1/p'; }

# Minor and major faults of a process, all its threads.
faults_of() { sed 's/.*) //' "/proc/$1/stat" | awk '{print $8 + $10}'; }

library=${3:-$work/allocation_counter.so}
if [ -z "${3:-}" ]; then
	${CC:-gcc} -std=c11 -O1 -g -fPIC -shared -Wall -Wextra -o "$library" "$here/allocation_counter.c" -ldl ||
		die "the counter does not compile"
fi

mkdir "$work/counts" && printf '\0' >"$work/counts/switch"
cp "$config" "$work/config.yaml"
domain=$(sed -n 's/^domain: *\([a-z0-9_]*\).*/\1/p' "$config")
nodes=$(sed -n 's/^ *- *{\{0,1\}name: *\([a-z0-9_]*\).*/\1/p' <(sed -n '/^nodes:/,$p' "$config"))
[ -n "$domain" ] || die "$config names no domain"
[ -n "$nodes" ] || die "$config names no node"

# The counter can count: a shell allocates.
set_switch 1
LD_PRELOAD=$library bash -c 'x=1; y=$x$x; echo $y' >/dev/null
grep -q 'malloc=[1-9].* first=bash ' "$work"/counts/bash.* || die "the counter does not count"
set_switch 0
rm "$work"/counts/bash.*

LD_PRELOAD=$library "$bin/takt" run "$work/config.yaml" >"$work/log" 2>&1 &
runner=$!
declare -A pid told before cycles
for node in $nodes; do
	wait_until "node $node" is_there "$node"
	wait_until "node $node to run" is_running "$node"
done
sleep 0.5 # not to synchronise: the time after which nothing may be allocated any more
for node in $nodes; do
	pid[$node]=
	for child in $(pgrep -P "$runner"); do
		grep -qz "^TAKT_NODE=$node\$" "/proc/$child/environ" && pid[$node]=$child
	done
	[ -n "${pid[$node]}" ] || die "no process of node $node was found"
	told[$node]=$(faults_told "$node")
	cycles[$node]=$(cycles_told "$node")
done
set_switch 1
for node in $nodes; do
	before[$node]=$(faults_of "${pid[$node]}")
done

# Everything that an operator can say, right and wrong, for about three seconds.
end=$((SECONDS + 3))
rounds=0
while [ $SECONDS -lt $end ]; do
	for node in $nodes; do
		for line in ping status help params 'get nothing' 'set nothing=1' 'set x=' save fly stop start; do
			ask "$node" "$line" >/dev/null || fail "$node does not answer '$line'"
		done
		first=$(ask "$node" params | sed -n 's/^\([a-z0-9_]*=[^ ]*\) .*/\1/p' | head -1)
		[ -z "$first" ] || ask "$node" "set $first" >/dev/null || fail "$node does not answer 'set $first'"
		printf 'a piece without an end' >"$work/takt.$domain/command.$node"
		head -c 6000 /dev/zero | tr '\0' y >"$work/takt.$domain/command.$node"
		ask "$node" ping >/dev/null || fail "$node does not answer behind garbage"
	done
	rounds=$((rounds + 1))
done
for node in $nodes; do
	after=$(faults_of "${pid[$node]}")
	told_after=$(faults_told "$node")
	cycles_after=$(cycles_told "$node")
	[ "${cycles_after:-0}" -gt "${cycles[$node]:-0}" ] || fail "$node has run no cycle"
	if [ "$(awk '/^VmLck/ {print $2}' "/proc/${pid[$node]}/status")" -eq 0 ]; then
		echo "skipped: page faults of $node: its memory could not be locked"
		continue
	fi
	[ "$after" -eq "${before[$node]}" ] || fail "$node: $((after - before[$node])) page faults in the process, expected 0"
	[ "$told_after" -eq "${told[$node]}" ] || fail "$node: its loop tells of $((told_after - told[$node])) page faults, expected 0"
done
set_switch 0

kill -TERM "$runner"
wait "$runner"
result=$?
runner=
[ $result -eq 0 ] || fail "takt run ended with $result"
for node in $nodes; do
	line=$(cat "$work"/counts/*."${pid[$node]}" 2>/dev/null)
	case $line in
	'') fail "$node left no count" ;;
	'malloc=0 calloc=0 realloc=0 free=0 aligned=0 map=0') echo "$node: no allocation, $rounds rounds of commands" ;;
	*) fail "$node: $line" ;;
	esac
done
[ $failures -eq 0 ] || { sed 's/^/  /' "$work/log" | tail -20; exit 1; }
echo "ok"
