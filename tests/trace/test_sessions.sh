#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sessions that start after the nodes, a second beside the first, and state that is dumped on demand: each is told the names again.
# usage: test_sessions.sh BIN_FOLDER NODE_PROGRAM
set -u
. "$(dirname "$0")/session.sh"
session_arguments "$@"
node() { TAKT_NODE=$1 as_user timeout 60 "$program" "${@:2}"; }
dumps() { grep -c "takt:state_dumped.*name = \"$2\", cause = ( \"$3\"" "$work/$1.text"; }

session_set_up
cp "$here/domain.yaml" "$work/domain.yaml"
export TAKT_CONFIG=$work/domain.yaml

# Before there is a daemon at all.
coproc SINK { node sink; }
sink=$SINK_PID
IFS= read -r -t 30 line <&"${SINK[0]}"
[ "${line:-}" = ready ] || fail "sink says '${line:-}', expected 'ready'"
daemon_start
session_start first
# A daemon that has just started is found by the processes that wait for it, within the time that LTTng takes.
end=$((SECONDS + 30))
until as_user lttng -n list -u | grep -q takt:sample_read; do
	[ $SECONDS -lt $end ] || fail "sink has not registered with the daemon after 30 s"
	sleep 0.05
done
session_start second
as_user lttng -n regenerate statedump -s second >/dev/null || fail "the state is not dumped again"
node source || fail "source ended with $?"
wait "$sink" || fail "sink ended with $?"
session_stop second
session_stop first
session_text first
session_text second

for session in first second; do
	[ "$(dumps $session sink session)" -ge 1 ] || fail "$session was not told of sink, which was there before it"
	[ "$(dumps $session source join)" -eq 1 ] || fail "$session was not told of source when that joined"
	[ "$(dumps $session source leave)" -eq 1 ] || fail "$session was not told of source's end"
	[ "$(dumps $session sink leave)" -eq 1 ] || fail "$session was not told of sink's end"
	for what in 'domain_described.*name = "traced"' 'node_described.*name = "holder"' 'topic_described.*name = "burst"' \
		'field_described.*node = 1,.*name = "count"' 'subscription_described.*node = 1,' 'loop_described.*node = 1,'; do
		grep -q "takt:$what" "$work/$session.text" || fail "$session has no $what"
	done
done
[ "$(dumps second sink session)" -ge 2 ] || fail "regenerate statedump dumped nothing"
as_user "$bin/takt" node info source -d traced --format json >"$work/source.json" || fail "no figures of source"
# Sink's reads from the first sample of source's on are all there: it was waiting.
python3 "$here/check_events.py" "$work/second.text" "$work/source.json"
