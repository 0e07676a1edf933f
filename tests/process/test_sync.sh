#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Synchronisation objects between real processes: the example of configs/phases.yaml, one of its nodes killed again and again, and what
# `takt sync` shows of it. usage: test_sync.sh BIN
. "$(dirname "$0")/command.sh"
config=$here/../../configs/phases.yaml

shows() { takt sync info "$1" --format json 2>/dev/null | python3 -c "import json,sys; d=json.load(sys.stdin); sys.exit(0 if ($2) else 1)"; }
told() { [ "$(grep -c "$1" "$work/log")" -ge "$2" ]; }

run 1 takt sync list
err 'no domain is on this machine'
takt run "$config" >"$work/log" 2>&1 &
nodes=$!
until_true 60 told 'works in round 3' 3 || fail "the nodes do not work: $(tail -5 "$work/log")"
run 0 takt sync list --format json
json '[s["sync"] for s in d] == ["start", "tools"] and [s["kind"] for s in d] == ["barrier", "semaphore"]'
run 0 takt sync list
out '^start *barrier *[0-3] of 3 here, 3 attached; [0-9]* rounds'
out '^tools *semaphore *[0-2] of 2 free'
run 1 takt sync info toolz
err "domain 'phases' has no sync 'toolz'; did you mean 'tools'?; there are: start, tools"
run 1 takt sync info ../../etc
err 'has no sync'

for round in 1 2 3; do
	until_true 60 shows start 'len(d["threads"]) == 3 and all(t["lives"] == "yes" for t in d["threads"])' || fail 'not all are attached'
	broken=$(grep -c 'somebody died' "$work/log")
	# At its work, with a unit; whoever is at the barrier is told within a slice.
	pkill -KILL -n -P "$nodes" || fail 'nobody to kill'
	until_true 60 told 'somebody died' $((broken + 1)) || fail "nobody was told of death $round: $(tail -5 "$work/log")"
	works=$(grep -c 'works in round' "$work/log")
	until_true 60 told 'works in round' $((works + 6)) || fail "no round is whole after death $round: $(tail -5 "$work/log")"
done
run 0 takt sync info tools --format json
json 'd["sync"]["taken"] > 20 and d["sync"]["timeouts"] == 0'
kill -TERM "$nodes"
wait "$nodes" || fail "takt run ends with $?"
grep -q 'has not come' "$work/log" && fail 'a round timed out'

# takt run has cleaned up. An object that is no segment of takt is told, and the others are shown.
run 0 takt create "$config"
run 0 takt sync list
out '^tools *semaphore *2 of 2 free'
run 0 takt sync info start --format json
json 'd["threads"] == []'
: >"$TAKT_SHM_FOLDER/takt.phases/sync.tools"
run 1 takt sync list
out '^tools.*corrupt'
err 'sync.tools'
run 0 takt clean phases

echo "$checks commands, $failures failures"
[ $failures -eq 0 ]
