#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The flight recorder: what it saves, when, and that the last cycle of a killed node is in it. With a real session daemon.
# usage: test_flight.sh BIN_FOLDER POUR_PROGRAM
set -u
. "$(dirname "$0")/session.sh"
. "$(dirname "$0")/control.sh"
session_arguments "$@"
pour=$program
control_set_up
# Nobody brings the dead back: their figures stand.
sed 's/restart: always/restart: never/' "$work/demo.yaml" >"$work/once.yaml" && chmod 644 "$work/once.yaml"
export TAKT_CONFIG=$work/once.yaml
of=$(stat -c %u "$work/home")

node() { # NAME: starts it, waits until it runs
	TAKT_NODE=$1 as_user timeout 60 "$bin/$1" ${*:2} >>"$work/nodes.out" 2>&1 &
	nodes="$nodes $!"
	until_true 20 is "$1" running || fail "$1 does not run: $(tail -3 "$work/nodes.out")"
}
is() { as_user takt node info "$1" --format json 2>/dev/null | grep -q "\"state\": \"$2"; }
process_of() { pgrep -x -u "$of" "$1"; }
log() { grep -q -e "$1" "$2/watch.log"; }
saved() { compgen -G "$1" >/dev/null; }

# --------------------------------------------------------------------------------------------------------- a death
run 0 takt trace start flight --flight --config "$TAKT_CONFIG" --no-overrun --no-stale
out 'is kept in memory and saved into .*/here/flight$'
out 'a process in the background saves it when a node dies;'
run 1 takt trace watch
err 'is watched already'
run 1 takt trace snapshot
err 'holds no event yet'
node sensor robot 1
node controller balance
run 0 takt trace status --format json
json 'd[0]["mode"] == "flight" and d[0]["watched"] == "yes" and d[0]["saved"] == 0'
run 0 takt trace snapshot 'why not / now'
out 'saved .*/flight/asked-why_not___now-[0-9]*-[0-9]*-[0-9]* ('
victim=$(process_of controller)
kill -KILL "$victim"
until_true 20 log "node 'controller' of domain 'robot' died; saved: takt trace report .*/death-controller-" flight ||
	fail "its death was not seen: $(cat flight/watch.log)"
[ "$(ls -d flight/death-controller-* | wc -l)" -eq 1 ] || fail 'not one recording of its death'
# Killed anywhere, also within an event: what lies behind that on its CPU may be gone, and the rest is not.
text flight/death-controller-*
[ "$(events 'takt:.*procname = "sensor"')" -gt 0 ] || fail 'the recording lacks the sensor'
# The recorder was made anew, and goes on: the sensor lives.
until_true 20 log 'was made anew after the death' flight || fail "it was not made anew: $(cat flight/watch.log)"
records() { as_user takt trace snapshot again >"$work/out" 2>"$work/err" && saved 'flight/asked-again-*'; }
until_true 10 records || fail 'the recorder does not go on after a death'
text "$(ls -d flight/asked-again-* | tail -1)"
[ "$(events 'takt:cycle_begun.*procname = "sensor"')" -gt 0 ] || fail 'nothing of the sensor after the death of the controller'
[ "$(events 'topic_described.*name = "imu"')" -gt 0 ] || fail 'no names after the death of the controller'
run 0 takt trace stop
out 'saved recordings; what was in memory only is gone'
log "recording 'takt' has ended" flight || fail 'the watcher has not ended'

# ------------------------------------ each death is saved: of two nodes, within the interval; of one that dies again and again
run 0 takt trace start deaths --flight --keep 2 --no-overrun --no-stale --every 300s
died() { # NODE: how many of its deaths were saved
	sed -n "s/.*node '$1' of domain 'robot' died\(.*\); saved: .*/\1/p" deaths/watch.log |
		awk '{ sum += $1 ? $1 : 1 } END { print sum + 0 }'
}
deaths_of() { [ "$(died "$1")" -ge "$2" ]; }
# What begins and ends while the recorder is made anew is recorded by nobody.
renewals=0
renewed() { [ "$(grep -c 'was made anew after the death' deaths/watch.log)" -gt $renewals ]; }
wait_until_renewed() {
	until_true 20 renewed || fail "the recorder was not made anew: $(cat deaths/watch.log)"
	renewals=$(grep -c 'was made anew after the death' deaths/watch.log)
}
node controller balance
kill -KILL "$(process_of controller)"
until_true 20 deaths_of controller 1 || fail "the controller's death was not saved: $(cat deaths/watch.log)"
wait_until_renewed
kill -KILL "$(process_of sensor)"
until_true 20 deaths_of sensor 1 || fail "the sensor's death behind it was not saved: $(cat deaths/watch.log)"
text deaths/death-sensor-*
[ "$(events 'takt:cycle_begun.*procname = "sensor"')" -gt 0 ] || fail 'the second recording lacks the one that died'
wait_until_renewed
node sensor robot 1
node controller balance
kill -KILL "$(process_of controller)" "$(process_of sensor)"
until_true 20 deaths_of controller 2 && until_true 20 deaths_of sensor 2 || fail "two deaths at once: $(cat deaths/watch.log)"
# Seen by one look, or by two: the recording is that of several, or the sensor's own.
[ "$(ls -d deaths/death-* | grep -vc -e controller -e before)" -eq 2 ] || fail "two deaths at once are not kept by themselves: $(ls deaths)"
wait_until_renewed
kept=$(ls -d deaths/* | grep -v -e controller -e before)
for round in 1 2 3 4; do
	node controller balance
	kill -KILL "$(process_of controller)"
done
# A life that begins and ends while a snapshot is being saved may be seen by nobody; the last one is not followed by another.
until_true 20 deaths_of controller 3 || fail "of 6 deaths $(died controller) were saved: $(cat deaths/watch.log)"
[ "$(died controller)" -le 6 ] && [ "$(died sensor)" -eq 2 ] || fail "deaths were made up: $(cat deaths/watch.log)"
! grep -q 'further findings' deaths/watch.log || fail "a death was passed over: $(cat deaths/watch.log)"
[ "$(ls -d deaths/death-controller-* | wc -l)" -le 2 ] || fail "more than 2 of one node's were kept: $(ls deaths)"
[ "$(ls -d deaths/* | grep -v -e controller -e before)" = "$kept" ] || fail "one node's deaths have thrown another's away: $(ls deaths)"
run 0 takt trace stop
log "recording 'takt' has ended" deaths || fail 'the watcher has not ended'
[ "$(ls -d deaths/death-before-* 2>/dev/null | wc -l)" -le 2 ] || fail "what was saved for nobody is left: $(ls deaths)"
node sensor robot 1

# ------------------------- the last cycle, to its last event: this node kills itself at the end of one, between two events
cp "$here/pour.yaml" "$work/pour.yaml" && chmod 644 "$work/pour.yaml"
export TAKT_CONFIG=$work/pour.yaml TAKT_NODE=pour
run 0 takt trace start last --flight --no-overrun --no-stale
run 137 "$pour" 300 die
until_true 20 log "node 'pour' of domain 'pour' died; saved: takt trace report .*/death-pour-" last ||
	fail "its death was not seen: $(cat last/watch.log)"
[ "$(ls -d last/death-pour-* | wc -l)" -eq 1 ] || fail 'not one recording of its death'
text last/death-pour-*
run 0 takt node info pour -d pour --format json
json 'd["loops"][0]["cycles"] == 300 and d["publishes"][0]["published"] == 300'
for what in 'topic_described.*name = "drops"' 'node_described.*name = "pour"'; do
	[ "$(events "takt:$what")" -gt 0 ] || fail "the recording lacks $what"
done
# Every event of its life, from the first to the one before it died.
for pair in cycle_begun:300 sample_published:300 cycle_ended:299; do
	what=${pair%:*} count=${pair#*:}
	[ "$(events "takt:$what: .*procname = \"pour\"")" -eq "$count" ] || fail "not $count of $what are in the recording"
done
[ "$(events 'takt:cycle_begun: .*procname = "pour".* cycle = 300,')" -eq 1 ] &&
	[ "$(events 'takt:sample_published: .*procname = "pour".* number = 300,')" -eq 1 ] || fail 'the last cycle is not in the recording'
run 0 takt trace stop
run 0 takt clean pour
unset TAKT_NODE
export TAKT_CONFIG=$work/once.yaml

# --------------------------------------------------------------- overruns, late cycles, stale samples; how many are kept
node controller balance
run 0 takt trace start flight --flight --no-stale --every 1ms --keep 2 --late 10ms
pause() { # NODE: 40 of its periods
	local process
	process=$(process_of "$1")
	kill -STOP "$process"
	until_true 10 grep -q '^State:.T' "/proc/$process/status"
	read -r -t 0.04 <> <(:)
	kill -CONT "$process"
}
overrun() { pause sensor; log "node 'sensor' of domain 'robot' missed [2-9][0-9] periods; saved" flight; }
until_true 5 overrun || fail "no overrun was saved: $(tail -3 flight/watch.log)"
for i in 1 2 3; do pause sensor; done
deep() { # a recording of an overrun in which the sensor missed at least 20 periods at once
	local folder
	for folder in flight/overrun-sensor-*; do
		# One that is removed while it is read is not meant.
		babeltrace2 "$folder" >"$work/text" 2>/dev/null || continue
		grep -q 'takt:cycle_overrun.*procname = "sensor".* missed = [2-9][0-9]' "$work/text" && return 0
	done
	pause sensor
	return 1
}
until_true 1 deep || fail 'no recording holds the overrun'
few() { [ "$(ls -d flight/overrun-* | wc -l)" -le 2 ]; }
until_true 10 few || fail "more than 2 were kept: $(ls flight)"
run 0 takt trace stop
run 0 takt trace start flight --flight --no-stale --no-overrun --late 10ms
late() { pause controller; saved 'flight/late-controller-*'; }
until_true 5 late || fail "no late cycle was saved: $(tail -3 flight/watch.log)"
run 0 takt trace stop
run 0 takt trace start flight --flight --no-overrun --every 300s
stale() { pause controller; saved 'flight/stale-motor-*'; }
until_true 5 stale || fail "no stale sample was saved: $(tail -3 flight/watch.log)"
log "read [0-9]* samples\? of 'motor' past the deadline" flight || fail 'the stale samples are not said'
# A finding within the interval is counted, not saved.
before=$(ls -d flight/stale-* | wc -l)
pause controller
run 0 takt trace snapshot
[ "$(ls -d flight/stale-* | wc -l)" -eq "$before" ] || fail 'saved twice within the interval'

# ------------------------------------------------------------------------------- ends in order are nothing to save
run 0 takt trace stop
run 0 takt trace start orderly --flight --no-overrun --no-watch
out 'takt trace snapshot; end it with'
stale_count() { as_user takt node info sensor --format json | sed -n 's/.*"stale": \([0-9]*\).*/\1/p' | head -1; }
base=$(stale_count)
as_user timeout 60 "$bin/takt" trace watch --every 1ms 2>"$work/watch.err" &
watcher=$!
nodes="$nodes $watcher"
watches() { as_user takt trace status --format json | grep -q '"watched": "yes"'; }
until_true 20 watches || fail 'nobody watches'
run 0 takt command controller quit
until_true 20 is controller ended || fail 'the controller does not end'
# The sensor goes on for 500 cycles with what is stale.
before=$(stale_count)
is_stale() { [ "$(stale_count)" -ge $((before + 500)) ]; }
until_true 20 is_stale || fail "the sensor reads nothing stale: ${before:-no figure}"
# One that comes when the controller has left already knows that, too.
pkill -TERM -u "$of" -f "^$bin/takt trace watch"
wait "$watcher"
as_user timeout 60 "$bin/takt" trace watch --every 1ms 2>"$work/later.err" &
later=$!
nodes="$nodes $later"
until_true 20 watches || fail 'nobody watches after the first watcher'
entered=$(stale_count)
is_stale_later() { [ "$(stale_count)" -ge $((entered + 500)) ]; }
until_true 20 is_stale_later || fail "the sensor reads nothing stale any more: ${entered:-no figure}"
run 0 takt command sensor quit
until_true 20 is sensor ended || fail 'the sensor does not end'
run 0 takt trace stop
wait $later
# On a busy machine there may be some from the time before it had ended; more than were counted until then are not found.
found=$(awk -F"read | samples? of 'motor' past" '/past the deadline/ {sum += $2} END {print sum + 0}' "$work/watch.err")
[ "$found" -le $((before - base)) ] ||
	fail "$found stale samples are found, $((before - base)) were before the node had ended: $(tail -2 "$work/watch.err")"
! grep 'past the deadline' "$work/later.err" || fail 'stale samples are found of a node that had ended before anybody watched'
cat "$work/watch.err" "$work/later.err" >"$work/err"
! grep -q died "$work/err" || fail "an end in order is taken for a death: $(grep died "$work/err")"
err 'nobody looks at the nodes any more'
err "recording 'takt' has ended"

# ------------------------------------------- a node that is killed while it writes an event, which is most of its time
export TAKT_CONFIG=$work/pour.yaml TAKT_NODE=pour
run 0 takt trace start spoilt --flight --bytes 256K --every 1ms --keep 1
deaths=0
deaths_are() { [ "$(grep -c 'was made anew after the death' spoilt/watch.log)" -eq "$1" ]; }
for round in 1 2 3 4 5 6; do
	: >"$work/pour.out"
	as_user timeout 60 "$pour" 0 >"$work/pour.out" 2>&1 &
	nodes="$nodes $!"
	until_true 20 grep -q ready "$work/pour.out" || fail "pour is not ready: $(cat "$work/pour.out")"
	kill -KILL "$(process_of pour)"
	deaths=$((deaths + 1))
	until_true 20 deaths_are $deaths || { fail "its death was not saved: $(tail -3 spoilt/watch.log)"; break; }
	# On every CPU what comes afterwards is recorded to the last sample: more than the buffers hold.
	for cpu in $(taskset -pc $$ | sed 's/.*: //; s/,/ /g; s/\([0-9]*\)-\([0-9]*\)/$(seq \1 \2)/g; s/^/echo /' | sh); do
		run 0 takt clean pour
		run 0 taskset -c "$cpu" "$pour" 20000
		run 0 takt trace snapshot "after$round-$cpu"
		text "$(sed -n 's/^saved \(.*\) (.*/\1/p' "$work/out")"
		last=$(sed -n 's/.*takt:sample_published.* topic = 0, number = \([0-9]*\),.*/\1/p' "$work/text" | tail -1)
		[ "${last:-0}" -eq 20000 ] || fail "CPU $cpu recorded up to sample ${last:-none} of 20000 after a death"
	done
done
run 0 takt trace stop
conclude 'takt trace: flight recorder'
