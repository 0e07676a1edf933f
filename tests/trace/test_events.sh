#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A session from the nodes' first moment: every event occurs, and what was traced is what shared memory counted, to the last sample.
# usage: test_events.sh BIN_FOLDER NODE_PROGRAM
set -u
. "$(dirname "$0")/session.sh"
session_arguments "$@"
node() { TAKT_NODE=$1 as_user timeout 60 "$program" "${@:2}"; }
# expect WORD DESCRIPTOR: the next line of a node.
expect() {
	local line=
	IFS= read -r -t 30 line <&"$2"
	[ "$line" = "$1" ] || fail "a node says '$line', expected '$1'"
}
takt() { as_user "$bin/takt" "$@" -d traced; }

session_set_up
daemon_start
cp "$here/domain.yaml" "$work/domain.yaml"
export TAKT_CONFIG=$work/domain.yaml
session_start events

coproc SINK { node sink; }
sink=$SINK_PID
expect ready "${SINK[0]}"
takt param set sink gain=2.5 >/dev/null || fail "sink does not take a parameter"
takt command sink mark here >/dev/null || fail "sink does not obey"
takt command sink jump >/dev/null 2>&1 && fail "sink obeys what it does not know"
node source || fail "source ended with $?"
wait "$sink" || fail "sink ended with $?"

# A death that holds all it can, and the next life, which finds it.
{ node victim; } 2>/dev/null
[ $? -eq 137 ] || fail "victim was to be killed"
node victim live || fail "victim's second life ended with $?"

# Jobs: some too many, and one that its worker dies of.
node pusher || fail "pusher ended with $?"
{ node worker; } 2>/dev/null
[ $? -eq 137 ] || fail "worker was to be killed"
node worker live || fail "worker's second life ended with $?"

# Two at a lock.
mkfifo "$work/go" "$work/told"
node taker <"$work/go" >"$work/told" &
taker=$!
exec 7>"$work/go" 8<"$work/told"
expect attached 8
coproc HOLDER { node holder; }
holder=$HOLDER_PID
expect held "${HOLDER[0]}"
echo go >&7
wait "$taker" || fail "taker ended with $?"
wait "$holder" || fail "holder ended with $?"

session_stop events
session_text events
locked=
for name in source sink; do
	takt node info $name --format json >"$work/$name.json" || fail "no figures of $name"
	grep -q '"lacks_rights": "no"' "$work/$name.json" && locked=--locked
done
takt queue info jobs --format json >"$work/jobs.queue" || fail "no figures of the queue"
[ -n "$locked" ] || echo "skipped: page faults: memory could not be locked here"
python3 "$here/check_events.py" "$work/events.text" "$work/source.json" "$work/sink.json" \
	--kinds "$here/../../core/trace_lttng.h" --queue "$work/jobs.queue" $locked || exit 1

# The check can fail: a trace with one sample less, and one with another time, are refused.
sed '0,/sample_read/{/sample_read/d}' "$work/events.text" >"$work/less.text"
sed '0,/\(sample_published.* publish_ns = \)[0-9]*/s//\11/' "$work/events.text" >"$work/other.text"
for changed in less other; do
	python3 "$here/check_events.py" "$work/$changed.text" "$work/source.json" "$work/sink.json" >/dev/null &&
		fail "a trace that was changed ($changed) passes"
done
exit 0
