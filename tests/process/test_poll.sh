#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Nodes with event loops of their own, the examples on epoll and libuv: news, periods and commands as descriptors.
# usage: test_poll.sh FOLDER-OF-TAKT FOLDER-OF-THE-TESTS'-NODES
. "$(dirname "$0")/command.sh"
watchers="epoll uv"
[ -x "$bin/example_poll_libuv" ] || { echo "skipped: the libuv example: no libuv1-dev when this was built (toolchain/setup.sh test)"; watchers=epoll; }
config=$work/poll.yaml
if [ "$watchers" = epoll ]; then grep -v example_poll_libuv "$here/configs/poll.yaml" >"$config"; else cp "$here/configs/poll.yaml" "$config"; fi

# figure NODE NAME: one of those that the node's command `count` answers.
figure() { takt command "$1" count 2>/dev/null | grep -o "$2=[0-9]*" | cut -d= -f2; }
is_figure() { [ "$(figure "$1" "$2")" = "$3" ]; }
# Every sample is got or known to be lost: the sum comes out, and it does not where one wake-up was lost, since a helper whose call nobody
# heard is never armed again.
has_all() { [ $(($(figure "$1" got) + $(figure "$1" lost))) -eq "$2" ]; }
cycles() { takt command "$1" status | grep -o 'cycles=[0-9]*' | cut -d= -f2; }
runs_cycles() { [ "$(cycles "$1")" -gt "$2" ]; }
is_state() { takt command "$1" status 2>/dev/null | grep -q "state=$2"; }
# What the helper thread of a node has slept and been woken, as the system counts it.
switches() { sed -s -n 's/^voluntary_ctxt_switches:\t//p' $(grep -l '^takt-news$' /proc/"$1"/task/*/comm | sed 's/comm$/status/'); }
process_of() { takt node info "$1" --format json | python3 -c 'import json,sys; print(json.load(sys.stdin)["node"]["pid"])'; }

takt run "$config" >"$work/log" 2>&1 &
nodes=$!
for node in talker $watchers; do
	until_true 60 is_state "$node" running || fail "$node does not run: $(cat "$work/log")"
done

# ------------------------------------------------------------------------------------ 20,000 samples at random times
run 0 takt command talker publish 20000
until_true 100 is_figure talker left 0 || fail "the talker did not finish"
for node in $watchers; do
	until_true 60 has_all "$node" 20000 || fail "$node: $(takt command "$node" count)"
	calls=$(figure "$node" calls) armings=$(figure "$node" armings)
	[ "$calls" -gt 100 ] && [ "$calls" -le "$armings" ] || fail "$node: $calls calls, $armings armings"
	runs_cycles "$node" 1 || fail "$node has no periods"
done

# ----------------------------------------------------------------------- news that lie unread: nobody does anything for them
for node in $watchers; do
	run 0 takt command "$node" hold
	quiet
done
run 0 takt command talker publish 1
until_true 60 is_figure talker left 0 || fail "the talker did not finish"
for node in $watchers; do
	is_called() { [ "$(figure "$1" calls)" = "$(figure "$1" armings)" ]; }
	until_true 60 is_called "$node" || fail "$node: the held sample does not call"
done
declare -A calls turns slept
woken=$(figure talker woken)
for node in $watchers; do
	calls[$node]=$(figure "$node" calls) turns[$node]=$(figure "$node" turns)
	slept[$node]=$(switches "$(process_of "$node")")
	[ "${slept[$node]}" -gt 0 ] || fail "$node: no helper thread in process $(process_of "$node")"
done
run 0 takt command talker publish 20000
until_true 100 is_figure talker left 0 || fail "the talker did not finish"
for node in $watchers; do
	is_figure "$node" calls "${calls[$node]}" || fail "$node was called while it had not read: $(takt command "$node" count)"
	# Its looks whether it is to end, one a second, and not one for each of the samples.
	more=$(($(figure "$node" turns) - turns[$node]))
	[ $more -le 120 ] || fail "$node: its helper woke up $more times for 20000 samples that lay unread"
	more=$(($(switches "$(process_of "$node")") - slept[$node]))
	[ $more -le 240 ] || fail "$node: its helper slept and woke up $more times, says the system"
done
is_figure talker woken "$woken" || fail "the talker woke somebody for news that lay unread: $woken before, $(takt command talker count)"
for node in $watchers; do
	run 0 takt command "$node" resume
	until_true 60 has_all "$node" 40001 || fail "$node: $(takt command "$node" count)"
	[ "$(figure "$node" lost)" -ge 19984 ] || fail "$node: a ring of 16 kept more than it can: $(takt command "$node" count)"
done
run 0 takt command talker publish 1
for node in $watchers; do until_true 60 has_all "$node" 40002 || fail "$node does not go on: $(takt command "$node" count)"; done

# ------------------------------------------------------------------------------------------ commands, stopped and started
for node in $watchers; do
	run 1 takt command "$node" dance
	err 'unknown command'
	run 0 takt command "$node" stop
	until_true 60 is_state "$node" stopped || fail "$node does not stop"
	before=$(cycles "$node")
	# News are read all the same: the user's loop is the user's.
	run 0 takt command "$node" count
	[ "$(cycles "$node")" = "$before" ] || fail "$node: a stopped node runs cycles"
	run 0 takt command "$node" start
	until_true 60 runs_cycles "$node" "$before" || fail "$node does not start again"
	is_state "$node" running || fail "$node is not running"
done
set -- $watchers
run 0 takt command "$1" quit
has_ended() { ! takt command "$1" ping >/dev/null 2>&1; }
until_true 60 has_ended "$1" || fail "$1 does not quit"
# The others end by a signal, which interrupts no wait of theirs.
kill -TERM $nodes
wait $nodes || fail "takt run ends with $?: $(tail -5 "$work/log")"
grep -q 'cycles, [0-9]* greetings' "$work/log" || fail "no periods in: $(tail "$work/log")"
nodes=

# ------------------------------------------------------------------------------------------------------- bad input
sed 's/\(example_poll_epoll.*\)waiters: 2/\1waiters: 1/' "$here/../../configs/poll.yaml" >"$work/one.yaml"
run 1 takt run "$work/one.yaml" --for 20s
err "node 'epoll' has 1 waiters in the config and its program wants one more; raise .waiters."

echo "$checks commands, $failures failures"
[ $failures -eq 0 ]
