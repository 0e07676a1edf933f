#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# takt trace start, stop and status with a real session daemon, which takt starts, and the demo's nodes.
# usage: test_control.sh BIN_FOLDER POUR_PROGRAM
set -u
. "$(dirname "$0")/session.sh"
. "$(dirname "$0")/control.sh"
session_arguments "$@"
pour=$program
control_set_up

# ------------------------------------------------------------------------------------------------- without a daemon
run 0 takt trace status
out '^nothing is being recorded$'
run 0 takt trace status --format json
json 'd == []'
run 1 takt trace stop
err 'nothing is being recorded: no session daemon of LTTng runs'
run 1 takt trace snapshot
err 'begin with: takt trace start'
run 1 takt trace watch
err 'nothing is being recorded'

# ------------------------------------------------------------------------------------------------------- wrong input
for command in start stop status snapshot watch; do
	run 0 takt trace $command --help
	out "usage: takt trace $command"
	run 2 takt trace $command --no-such-option
done
run 2 takt trace
run 2 takt trace begin
run 2 takt trace start a b
run 2 takt trace stop a
for wrong in '--bytes 1K' '--bytes 1T' '--bytes much' '--bytes 8M --seconds 2s' '--seconds long' '--for -1s' '--session Bad-Name' \
	'--domain ../x' '--late 1ms' '--every 1s' '--no-watch' '--flight --keep 0' '--flight --for 1s' '--flight --late never'; do
	run 2 takt trace start x $wrong
	[ -s "$work/err" ] || fail 'nothing was said'
	[ ! -e x ] || fail 'a folder was made'
done
run 1 takt trace start x --config "$work/none.yaml"
err 'none.yaml'
[ ! -e x ] || fail 'a folder is left'

# -------------------------------------------------------------------------------------------------- what is missing
run 1 env LTTNG_SESSIOND_PATH=/nonexistent/lttng-sessiond takt trace start x
err '/nonexistent/lttng-sessiond is not there'
err 'apt-get install lttng-tools'
[ ! -e x ] || fail 'a folder is left'
# A daemon that dies at once says why.
printf '#!/bin/sh\necho no luck today >&2\nexit 3\n' >"$work/bad" && chmod 755 "$work/bad"
run 1 env LTTNG_SESSIOND_PATH="$work/bad" takt trace start x
err 'no luck today'
[ ! -e x ] || fail 'a folder is left'
as_user mkdir "$work/none"
as_user sh -c "echo no library >'$work/none/liblttng-ctl.so.0'"
run 1 env LD_LIBRARY_PATH="$work/none" takt trace start x
err 'apt-get install lttng-tools'
run 0 env LD_LIBRARY_PATH="$work/none" takt --version

# ---------------------------------------------------------------------------------------------------- wrong folders
run 1 takt trace start no/parent
as_user touch file
run 1 takt trace start file
as_user mkdir full && as_user touch full/thing
run 1 takt trace start full
err 'is not empty'
run 1 takt trace start full --flight
err 'more in it than saved recordings'
as_user mkdir -m 555 locked
run 1 takt trace start locked
err 'may not write into it'
[ -e full/thing ] && [ -d locked ] || fail 'what was there is gone'

# -------------------------------------------------------------------- a recording that begins before any node runs
run 0 takt trace start first --config "$work/demo.yaml"
out "started LTTng's session daemon"
out 'goes into .*/here/first$'
out 'as the config has it'
out 'no node runs that can be recorded'
run 1 takt trace start second
err "recording 'takt' runs already, into .*/first; end it with"
[ ! -e second ] || fail 'a folder is left'
run 1 takt trace snapshot
err 'takt trace start --flight'
# The kernel's events take more than a user has; that says what, and leaves the rest alone.
run 1 takt trace start second --session kernel --kernel
err "the kernel cannot be traced: .*lttng-modules-dkms linux-headers.*, root, and a session daemon that was started without --no-kernel"
[ ! -e second ] || fail 'a folder is left of a recording with the kernel'
run 0 takt trace status --format json
json 'len(d) == 1 and d[0]["session"] == "takt"'
run 0 takt run "$work/demo.yaml" --for 1s --quiet --keep
for topic in imu wheels motor state; do
	run 0 takt topic info $topic --format json
	cp "$work/out" "$work/$topic.json"
done
run 0 takt clean robot
run 0 takt trace status --format json
json 'len(d) == 1 and d[0]["session"] == "takt" and d[0]["mode"] == "record" and d[0]["discarded"] == 0'
json 'd[0]["folder"].endswith("/here/first") and d[0]["disk_bytes"] > 10000 and d[0]["watched"] is None'
run 0 takt trace stop
out '; 0 events discarded, 0 packets lost$'
out 'next: takt trace report .*/first$'
text first
said=$(sed -n 's/.*first: \([0-9]*\) events.*/\1/p' "$work/out")
[ "${said:-0}" -eq "$(events .)" ] || fail "it says $said events, babeltrace2 finds $(events .)"
# To the last one: what the run counted is in the trace.
for topic in imu wheels motor state; do
	counted=$(sed -n 's/.*"published": \([0-9]*\).*/\1/p' "$work/$topic.json" | head -1)
	index=$(sed -n "s/.*topic_described.* topic = \([0-9]*\), name = \"$topic\".*/\1/p" "$work/text" | head -1)
	traced=$(events "sample_published.* topic = $index,")
	[ "$traced" -eq "$counted" ] && [ "$counted" -gt 0 ] || fail "$topic: $counted published, $traced in the trace"
done
for node in sensor controller; do
	[ "$(events "procname = \"$node\"")" -gt 100 ] || fail "no events of $node"
	grep -q "vpid = [0-9]*, vtid = [0-9]*, procname = \"$node\"" "$work/text" || fail "$node lacks its context"
done
run 1 takt trace stop
err '^takt: nothing is being recorded; begin with'

# ------------------------------------------------------- nodes that run already, a name with a blank, an end by itself
as_user timeout 60 takt run "$work/demo.yaml" --quiet >"$work/run.out" 2>&1 &
runner=$!
nodes=$runner
runs() { as_user takt node list --format json 2>/dev/null | grep -c '"state": "running"' | grep -q 2; }
until_true 20 runs || fail 'the demo does not run'
run 0 takt trace start 'a second one' --for 300ms
out '2 processes are recorded now'
out 'as the nodes run now'
out '0 events discarded'
text 'a second one'
for what in 'topic_described.*name = "motor"' 'node_described.*name = "controller"' 'sample_published.*' 'sample_read.*'; do
	[ "$(events "takt:$what")" -gt 0 ] || fail "no $what"
done
# Two at a time have names.
run 0 takt trace start one --session one
run 0 takt trace start two --session two
run 1 takt trace stop
err 'several recordings run: .*takt-one.*say which'
run 1 takt trace stop --session three
err "no recording 'takt-three'; there are:"
run 0 takt trace status --session two --format csv
[ "$(wc -l <"$work/out")" -eq 2 ] || fail 'not one row'
run 0 takt trace stop --session one
run 0 takt trace stop --session takt-two
kill -TERM "$(pgrep -f -u "$(stat -c %u "$work/home")" "takt run $work/demo.yaml" | head -1)" 2>/dev/null
wait $runner
nodes=

# --------------------------------------------------------------------------------------- discarded, and said so
export TAKT_CONFIG=$work/pour.yaml TAKT_NODE=pour
cp "$here/pour.yaml" "$TAKT_CONFIG" && chmod 644 "$TAKT_CONFIG"
run 0 takt trace start poured --bytes 64K
run 0 "$pour" 200000
run 0 takt trace stop
discarded=$(sed -n 's/.*; \([0-9]*\) events discarded.*/\1/p' "$work/out")
err "^takt: $discarded events and 0 packets are missing"
err 'takt trace start --bytes'
text poured
[ "${discarded:-0}" -gt 0 ] || fail 'nothing was discarded: the test tests nothing'
[ $((discarded + $(events takt:sample_published))) -eq 200000 ] ||
	fail "$discarded discarded and $(events takt:sample_published) recorded are not the 200000 published"
# A recording of nothing says so.
unset TAKT_CONFIG TAKT_NODE
run 0 takt trace start nothing
run 0 takt trace stop
out 'no events: no node that can be recorded ran'
# What takt bench measures is no part of a recording.
run 0 takt trace start benched
run 0 takt bench wake --quick --seconds 0.02
run 0 takt trace stop
out 'no events: no node that can be recorded ran'
# And it waits for no daemon, not for one that does not answer either.
daemon_process=$(cat "$work/home/.lttng/lttng-sessiond.pid")
kill -STOP "$daemon_process"
run 0 env LTTNG_UST_REGISTER_TIMEOUT=-1 takt bench wake --quick --seconds 0.02
kill -CONT "$daemon_process"
# The states of tracepoints are measured with a daemon of its own, and the one that runs is left alone.
run 0 takt bench trace --quick --seconds 0.02 --format json
json '[row["case"] for row in d] == ["publish, built in, not loaded", "publish, loaded, nothing records",
	"publish, a session records every event"] and all(row["ratio"] > 0 for row in d)'
err "'publish, tracepoints not built in' is left out"
# It is the recorded row that pays: by events, not by another state under its name.
json 'd[2]["takt"] > d[1]["takt"]'
run 0 takt trace status --format json
json 'd == []'
conclude 'takt trace: recording'
