#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The takt command's tools against a small living domain: what they print, and how they end. Usage:
#   test_tools.sh FOLDER-OF-TAKT [FOLDER-OF-TICKER-AND-TOCKER]
# Every wait has a bound and looks at what it waits for; nothing depends on how long anything takes.
. "$(dirname "$0")/command.sh"

# ------------------------------------------------------------------------------------------- without any domain
for command in "" topic sync node param; do
	run 2 takt $command
	err 'needs a command'
	run 0 takt $command --help
	quiet
	out 'usage: takt'
done
for command in "topic list" "topic info" "topic echo" "topic hz" "topic delay" "sync list" "sync info" "node list" "node info" "param list" "param get" \
	"param set" "param save" command check create clean; do
	run 0 takt $command --help
	quiet
	out "usage: takt $command"
	run 0 takt help $command
	out "usage: takt $command"
	run 2 takt $command --no-such-option
	err "has no option '--no-such-option'"
done
run 0 takt --version
out '^takt [0-9]'
run 2 takt topc
err "did you mean 'topic'"
run 2 takt topic ecko
err "did you mean 'echo'"
run 2 takt topic list --fromat json
err "did you mean '--format'"
run 2 takt topic list --format jsn
err "did you mean 'json'"
run 2 takt topic list --format
err 'needs a value'
run 2 takt topic list extra
err 'one argument too many'
run 2 takt topic echo
err 'something is missing'
run 2 takt topic echo tick --count 0
err 'whole number above 0'
run 2 takt topic echo tick --for ever
err 'is not a time'
run 2 takt topic echo tick --rate -1
err 'samples a second'
run 2 takt param set ticker gain
err 'is no assignment'
run 2 takt clean a --all
err 'exclude each other'
run 1 takt topic list
err 'no domain is on this machine'
run 1 takt topic list --domain nosuch
err "there is no domain 'nosuch'"
run 1 takt topic list --domain ../etc
err 'is no name of a domain'
run 1 takt clean nosuch
err "there is no domain 'nosuch'"
run 0 takt clean --all
run 1 takt check "$work/absent.yaml"
err 'absent.yaml'

# ------------------------------------------------------------------------------------------------------- check
config=$here/configs/tick.yaml
run 0 takt check "$config"
quiet
out "topic 'never' of absentee is read by nobody"
out "node 'absentee' has neither a period nor a waiter"
out '^tick  *tick  *120  *64 '
run 0 takt check "$config" --format json
json "d['topics'][0]['segment_B'] == 22144 and d['topics'][0]['bandwidth_kB/s'.replace('/','_')] == 120.0"
json "d['memory']['total_B'] == sum(t['segment_B'] for t in d['topics'] + d['nodes']) + d['memory']['roster_B']"
json "all(f['severity'] == 'warning' for f in d['findings'])"
run 0 takt check "$config" --format csv
out '^# topics$'
sed 's/program: ticker/program: no_such_program/' "$config" >"$work/program.yaml"
run 1 takt check "$work/program.yaml"
err "program 'no_such_program' is not there"
sed 's/deadline_us: 50000/deadline_us: 500/' "$config" >"$work/deadline.yaml"
run 0 takt check "$work/deadline.yaml"
out 'most samples will be read as STALE'
sed 's/bytes: 120, depth: 64/bytes: 67108864, depth: 4096/' "$config" >"$work/large.yaml"
run 1 takt check "$work/large.yaml"
err 'needs [0-9]* bytes in .*, have [0-9]*'
sed 's/publishes: \[tick\], period_us/publishes: [tick], scheduler: {policy: fifo, priority: 50}, period_us/' "$config" >"$work/fifo.yaml"
run 0 takt check "$work/fifo.yaml"
out "'ticker' has policy fifo and no CPU"
sed 's/{name: tock,/{name: tock, owner: nosuchuser,/' "$config" >"$work/owner.yaml"
run 1 takt check "$work/owner.yaml"
err "no user 'nosuchuser'"
[ -z "$(ls "$TAKT_SHM_FOLDER")" ] || fail "check left something in the shared-memory folder"

# ------------------------------------------------------------------------------------------- created, not started
# A node that locks its memory under emulation locks the emulator's too (tests/process/test_run.sh): its ring holds what comes meanwhile.
depth=64
if [ -n "${TAKT_EMULATED:-}" ]; then
	depth=4096
	sed "s/bytes: 120, depth: 64/bytes: 120, depth: $depth/" "$config" >"$work/tick.yaml"
	config=$work/tick.yaml
fi
run 0 takt create "$config"
out "domain 'ticktest' is ready"
run 0 takt create "$config"
run 0 takt topic list
out '^tick .*silent'
err "domain 'ticktest' is dead"
run 0 takt node list
out '^ticker  *never ran'
run 1 takt node info ticker
err 'never ran'
run 1 takt topic echo tick --for 200ms
err 'nobody has published it yet'
run 1 takt command ticker ping
err 'never ran'

# ------------------------------------------------------------------------------------------------------- alive
TAKT_CONFIG=$config TAKT_NODE=ticker ticker 2>"$work/ticker.err" &
ticker=$!
TAKT_CONFIG=$config TAKT_NODE=tocker tocker 2>"$work/tocker.err" &
tocker=$!
nodes="$ticker $tocker"
both_run() { [ "$(takt node list --format csv 2>/dev/null | grep -c ',running,')" = 2 ]; }
shown='start of the nodes'
until_true 20 both_run || fail 'ticker and tocker do not run'

run 0 takt topic list
quiet
out "^tick  *tick  *120  *$depth .*ticker"
out '^never .*none'
run 0 takt topic list --format json
json "d[0]['topic'] == 'tick' and d[0]['count'] > 0 and d[0]['publisher'] == 'ticker' and d[0]['readers'] == 1"
run 0 env TAKT_DOMAIN=ticktest takt topic list
run 1 env TAKT_DOMAIN=other takt topic list
err "there is no domain 'other'"
run 1 takt topic list --domain ticktst
err "did you mean 'ticktest'"

run 0 takt topic info tick --format json
json "d['topic']['type'] == 'tick' and len(d['fields']) == 18 and d['fields'][2] == {'field': 'f64', 'kind': 'f64', 'count': 1, 'unit': 'rad', 'offset_B': 16}"
json "d['publishers'][0]['node'] == 'ticker' and d['publishers'][0]['writes_now'] == 'yes'"
json "[s['got'] > 0 and s['lost'] == 0 for s in d['subscribers'] if s['node'] == 'tocker'] == [True]"
run 0 takt topic info tock
out '^lock$'
run 1 takt topic info tik
err "did you mean 'tick'"
run 0 takt topic info never
err 'not described yet'

run 0 takt topic echo tick --count 1
out '  f32  *\[0.1, -9.81, 1e-09\] m/s^2$'
out '  i64  *-9000000000000000000$'
out '  i16  *-32768 °C$'
out '  corners\[1\].y  4 m$'
out 'x1b\[31mred'
out_not "$(printf '\033')"
run 0 takt topic echo tick --count 50 --format csv
[ "$(wc -l <"$work/out")" = 51 ] || fail 'not 50 samples and a head'
out '^number,publish_ns,origin_ns,count,i64,f64 (rad),place.x (m),'
out ',"a,""b"" \\x1b\[31mred"$'
run 0 takt topic echo tock --count 3 --format json
out '"origin":{"topic":"tick","number":[0-9]*,'
[ "$(wc -l <"$work/out")" = 3 ] || fail 'not three lines'
run 0 takt topic echo tick --history --count 20 -F count -F place -f csv
out '^number,publish_ns,origin_ns,count,place.x (m),place.y (m)$'
run 0 takt topic echo tick --rate 20 --for 300ms -F count -f csv
[ "$(wc -l <"$work/out")" -le 8 ] || fail 'more than 20 samples a second'
run 1 takt topic echo tick --field f65
err "did you mean 'f64'"
run 1 takt topic echo tik
err "did you mean 'tick'"

# A recording that is stopped by a signal is whole to its last line, and as long as its numbers say.
shown='recording'
takt topic echo tick --format csv -F count >"$work/recording" 2>"$work/err" &
recorder=$!
recorded() { [ "$(wc -l <"$work/recording")" -gt 200 ]; }
until_true 30 recorded || fail 'nothing was recorded'
kill -TERM $recorder
wait $recorder || fail 'a recorder that is stopped must end with 0'
awk -F, 'NF != 4 { bad = 1 } NR == 2 { first = $1 } { last = $1 } END { exit bad || last - first + 2 < NR }' "$work/recording" ||
	fail 'the recording has a broken line or a number twice'

run 1 takt topic echo tick --count 3 --format csv --field nosuch
run 1 bash -c 'takt topic echo tick --count 100000 >/dev/full'
err 'could not be written'

run 0 takt topic hz tick --for 500ms --format json
json "d[0]['samples'] > 0 and d[0]['rate_Hz'] > 0 and d[0]['interval_p50_us'] > 0"
run 0 takt topic hz tock --for 200ms
run 0 takt topic delay tick --format json
json "d[0]['reader'] == 'tocker' and d[0]['count'] > 0 and d[0]['p50_us'] <= d[0]['p99_9_us'] <= d[0]['max_us']"
run 0 takt topic delay
run 1 takt topic delay nosuch
err "has no topic 'nosuch'"

run 0 takt node list --format json
json "[(n['state'], n['period_us']) for n in d] == [('running', 1000.0), ('running', None), ('never ran', None)]"
run 0 takt node info tocker --format json
json "d['subscribes'][0]['topic'] == 'tick' and d['loops'][0]['cycles'] > 0 and d['publishes'][0]['published'] > 0"
json "(lambda s: s['got'] + s['lost'] + s['skipped'] <= s['next'] - s['start'] + 5)(d['subscribes'][0])"
run 1 takt node info tockr
err "did you mean 'tocker'"

# ------------------------------------------------------------------------------------------- commands, parameters
run 0 takt command ticker ping
out '^ok ticker$'
run 0 takt command ticktest ticker ping
out '^ok ticker$'
run 0 takt command -d ticktest ticker help
out '^jump: '
run 0 takt command ticker jump far
out '^ok count is [0-9]* \\x1b\[31m$'
run 1 takt command ticker jump
nothing
err 'jump where'
run 1 takt command ticker nonsense
err 'unknown command'
run 1 takt command tickr ping
err "did you mean 'ticker'"
run 1 takt command ticker "$(head -c 5000 /dev/zero | tr '\0' x)"
err 'longer than'
run 0 takt param list ticker --format json
json "d[0] == {'name': 'gain', 'value': 1.5, 'unit': 'V s/rad', 'kind': 'f64', 'default': 1.5, 'min': 0, 'max': 10}"
run 0 takt param set ticker gain=2.5 step=-3
run 0 takt param get ticker step gain --format csv
[ "$(tail -2 "$work/out" | tr '\n' ' ')" = 'step,-3 gain,2.5 ' ] || fail 'the values are not those that were set'
run 1 takt param set ticker gain=3 step=1000
err 'out of range'
run 0 takt param get ticker gain --format csv
out '^gain,2.5$'
run 1 takt param get ticker nosuch
err "unknown parameter 'nosuch'"
run 1 takt param save ticker
err 'parameter_file'
run 0 takt param list tocker
[ -z "$(ls "$TAKT_SHM_FOLDER/takt.ticktest" | grep '^reply')" ] || fail 'reply pipes were left'

# ------------------------------------------------------------------------------------------- colour, terminals
if script --version >/dev/null 2>&1; then
	run 0 env -u NO_COLOR TERM=xterm script -qec 'takt node list' /dev/null
	out "$(printf '\033')\[32mrunning"
	run 0 env NO_COLOR=1 TERM=xterm script -qec 'takt node list' /dev/null
	out_not "$(printf '\033')"
fi
run 0 env -u NO_COLOR takt node list
out_not "$(printf '\033')"

# ------------------------------------------------------------------------------------------- dead, and removed
run 0 takt clean ticktest
out "domain 'ticktest' lives: ticker, tocker"
run 0 takt topic list
kill -KILL $ticker
wait $ticker 2>/dev/null
run 0 takt node list
out '^ticker  *dead (was running)'
out '^tocker  *running'
stale() { takt topic list --format csv | grep -q '^tick,.*,STALE,ticker (dead),'; }
shown='a dead publisher'
until_true 10 stale || fail 'the topic of a dead publisher is not STALE'
run 0 takt topic info tick --format json
json "d['publishers'][0]['state'] == 'dead (was running)' and d['publishers'][0]['writes_now'] == 'no'"
run 1 takt command ticker ping
err 'does not run'
run 0 takt topic hz tick --for 200ms
err 'nothing was published'
run 0 takt command tocker quit
shown='tocker ends'
wait $tocker || fail 'tocker did not end in order'
nodes=
run 0 takt node list
out '^tocker  *ended'
err "domain 'ticktest' is dead"
touch "$TAKT_SHM_FOLDER/takt.ticktest/stranger"
run 1 takt clean
out 'kept .*stranger: not takt'
rm "$TAKT_SHM_FOLDER/takt.ticktest/stranger"
run 0 takt clean ticktest
run 0 takt create "$config"
sed 's/domain: ticktest/domain: second/' "$config" >"$work/second.yaml"
run 0 takt create "$work/second.yaml"
run 1 takt topic list
err 'several domains are on this machine: second (dead), ticktest (dead)'
head -c 100 /dev/urandom >"$TAKT_SHM_FOLDER/takt.second/roster"
run 1 takt topic list --domain second
head -c 100 /dev/urandom >"$TAKT_SHM_FOLDER/takt.ticktest/topic.tick"
run 1 takt topic list --domain ticktest
out '^tock '
run 1 takt topic echo tick --domain ticktest --for 200ms
run 0 takt clean --all
out "domain 'second': [0-9]* objects removed, its folder is gone"
[ -z "$(ls "$TAKT_SHM_FOLDER")" ] || fail "clean left something: $(ls "$TAKT_SHM_FOLDER")"

echo "$checks commands, $failures failures"
[ $failures -eq 0 ]
