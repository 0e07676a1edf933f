#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `takt run` with real processes: order, restarts, ends. Usage: test_run.sh FOLDER-OF-TAKT [FOLDER-OF-RUN_NODE]
# Every wait has a bound and looks at what it waits for; nothing depends on how long anything takes.
set -u
bin=$(realpath "$1")
export PATH=$(realpath "${2:-$1}"):$PATH NO_COLOR=1
export TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/takt-test-run.XXXXXX)
work=$(mktemp -d)
failures=0
supervisor=
orphans=
# A node that locks its memory under emulation locks the emulator's too, 170 MB, and that takes 40 to 500 ms between ready and the first
# cycle, on a busy machine: its ring must hold what is published meanwhile, and a run that looks at data must last longer.
depth=64
span=300ms
if [ -n "${TAKT_EMULATED:-}" ]; then
	depth=4096
	span=5s
	ulimit -c 0 # the emulator writes a core file where it stands
fi

finish() {
	[ -n "$supervisor" ] && kill -KILL "$supervisor" 2>/dev/null
	for orphan in $orphans; do kill -KILL "$orphan" 2>/dev/null; done
	rm -rf "$work" "$TAKT_SHM_FOLDER"
}
trap finish EXIT

fail() {
	failures=$((failures + 1))
	echo "FAILED: $name: $*"
	sed 's/^/	/' "$work/out"
}

# until SECONDS COMMAND...: until it succeeds; the bound is for a machine that stalls.
until_true() {
	local tries=$(($1 * 50))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.02
	done
}

says() { grep -q -e "$1" "$work/out"; }
says_times() { [ "$(grep -c -e "$1" "$work/out")" -ge "$2" ]; }
expect() { says "$1" || fail "expected the words: $1"; }
refuse() { says "$1" && fail "did not expect the words: $1"; }
is_before() {
	local a b
	a=$(grep -n -m1 -e "$1" "$work/out" | cut -d: -f1)
	b=$(grep -n -m1 -e "$2" "$work/out" | cut -d: -f1)
	[ -n "$a" ] && [ -n "$b" ] && [ "$a" -lt "$b" ] || fail "expected '$1' before '$2'"
}
expect_clean() { [ -z "$(ls -A "$TAKT_SHM_FOLDER")" ] || fail "left in shared memory: $(ls -R "$TAKT_SHM_FOLDER")"; }
expect_exit() { [ "$1" -eq "$2" ] || fail "exit code $1, expected $2"; }

# config NODE-LINE...: a domain of two topics and these nodes.
config() {
	{
		echo "domain: trial"
		echo "topics:"
		echo "  - {name: ping, type: beat, bytes: 8, depth: $depth}"
		echo "  - {name: pong, type: beat, bytes: 8, depth: $depth}"
		echo "nodes:"
		printf '  - {%s, period_us: 2000}\n' "$@"
	} > "$work/trial.yaml"
}

run() { timeout 60 "$bin/takt" run "$work/trial.yaml" "$@" > "$work/out" 2>&1; }
start() {
	# A shell starts its background jobs deaf to SIGINT.
	env --default-signal=INT "$bin/takt" run "$work/trial.yaml" "$@" > "$work/out" 2>&1 &
	supervisor=$!
}
await_end() {
	wait "$supervisor"
	result=$?
	supervisor=
}
# Process of a node, as the kernel knows it: a child of the supervisor with this name in its environment.
process_of() {
	local id
	for id in $(pgrep -P "$supervisor"); do
		tr '\0' '\n' < "/proc/$id/environ" 2>/dev/null | grep -qx "TAKT_NODE=$1" && echo "$id"
	done
}
head_of() { od -An -t u8 -j 320 -N 8 "$TAKT_SHM_FOLDER/takt.trial/topic.$1" 2>/dev/null | tr -d ' '; }
is_past() { local now; now=$(head_of "$1"); [ "${now:-0}" -gt "$2" ]; }

one='name: one, program: run_node, arguments: ["publish=ping", "say=hello"], publishes: [ping]'
two='name: two, program: run_node, arguments: ["publish=pong", "read=ping"], publishes: [pong], subscribes: [ping]'
three='name: three, program: run_node, arguments: ["read=pong"], subscribes: [pong]'

name="order of start, prefix, --for, report, order of stop"
config "$one" "$two" "$three"
run --for $span --status --report "$work/report" --log "$work/log"
expect_exit $? 0
is_before "'one' is ready" "'two' is ready"
is_before "'two' is ready" "'three' is ready.*all nodes run"
is_before "three | .*quit" "two   | .*quit"
is_before "two   | .*quit" "one   | .*quit"
grep -q "hello" "$work/log/one.log" || fail "no log of node one"
grep -q "^ping" "$work/report" || fail "no topic in the report"
grep -q "^ping -> pong -> three" "$work/report" || fail "no chain in the report"
expect_clean

name="report as JSON"
run --for $span --report - --report-format json --quiet
expect_exit $? 0
python3 - "$work/out" << 'PYTHON' || fail "the report is no such JSON"
import json, sys
report = json.load(open(sys.argv[1]))
topic = report["topics"][0]
assert topic["topic"] == "ping" and topic["samples"] > 0 and topic["lost"] == 0, topic
assert [node["restarts"] for node in report["nodes"]] == [0, 0, 0]
PYTHON

name="what a node prints is escaped and bounded"
config 'name: one, program: run_node, arguments: ["say=raw"]' 'name: two, program: run_node, arguments: ["say=flood"]'
run --for $span
expect_exit $? 0
expect 'red\\x1b\[31m\\x01'
expect 'two | \[9[0-9]* lines dropped'
grep -q $'\033' "$work/out" && fail "an escape reached the terminal"

name="restart after SIGKILL"
config "$one, restart: always" "$two, restart: on_failure" "$three"
start --report -
until_true 20 says "all nodes run" || fail "never ready"
until_true 20 is_past pong 0 || fail "no data"
kill -KILL "$(process_of two)"
until_true 20 says "'two' is ready again, [0-9.]* ms after its end" || fail "no restart"
expect "'two' was killed by SIGKILL; restarting it (1)"
before=$(head_of pong)
until_true 20 is_past pong "$before" || fail "no data after the restart"
kill -INT "$supervisor"
await_end
expect_exit $result 0
awk '$1 == "pong" && NF == 10 { found = ($10 == 1) } END { exit !found }' "$work/out" || fail "the takeover is not in the report"
awk '$1 == "two" && NF == 11 { found = ($11 == 1) } END { exit !found }' "$work/out" || fail "the restart is not in the report"
expect_clean

name="SIGTERM is clean as well"
config "$one"
start
until_true 20 says "all nodes run" || fail "never ready"
kill -TERM "$supervisor"
await_end
expect_exit $result 0
refuse "SIGKILL"
expect_clean

name="a crash loop is given up"
config "$one" 'name: two, program: run_node, arguments: ["crash=1", "after=3"], restart: always'
run
expect_exit $? 1
expect "'two' was killed by SIGABRT; restarting it (1)$"
expect "'two' was killed by SIGABRT; restarting it (2) in 100 ms"
expect "5 ends within 10 s are a crash loop; giving up"
expect "one | .*quit"
expect_clean

name="restart: never"
config "$one" 'name: two, program: run_node, arguments: ["exit=3", "after=3"], restart: never'
start
until_true 20 says "'two' exited with 3; its .restart. is never" || fail "not said"
before=$(head_of ping)
until_true 20 is_past ping "$before" || fail "the other node does not go on"
refuse "restarting"
kill -INT "$supervisor"
await_end
expect_exit $result 1
expect_clean

name="all nodes end by themselves"
config 'name: one, program: run_node, arguments: ["exit=0", "after=3"], restart: on_failure'
run
expect_exit $? 0
expect "all nodes have ended"
expect_clean

name="a failure before ready is tried again"
touch "$work/once"
config "name: one, program: run_node, arguments: [\"exit=4\", \"after=0\", \"once=$work/once\"], restart: on_failure" "$three"
run --for 50ms
expect_exit $? 0
is_before "'one' exited with 4; restarting it (1)" "'one' is ready again"
is_before "'one' is ready again" "'three' is ready"

name="a failure before ready without restart stops the domain"
config "$one" 'name: two, program: run_node, arguments: ["exit=4", "after=0"], restart: never' "$three"
run
expect_exit $? 1
expect "'two' exited with 4 before it was ready; stopping"
refuse "'three' is ready"
expect_clean

name="missing program"
config "$one" 'name: two, program: no_such_program_anywhere'
run
expect_exit $? 1
expect "no_such_program_anywhere"
expect "one | .*quit"
expect_clean

name="a program that never gets ready"
config 'name: one, program: run_node, arguments: ["ready=0"]'
run
expect_exit $? 1
expect "is not ready 10 s after its start"
expect_clean

name="a deaf node is killed, and a second Ctrl-C hurries"
config 'name: one, program: run_node, arguments: ["deaf=1"]'
start
until_true 20 says "all nodes run" || fail "never ready"
kill -INT "$supervisor"
until_true 20 says "stopping domain" || fail "Ctrl-C is not heard"
kill -INT "$supervisor"
await_end
expect_exit $result 0
expect "has not ended after SIGTERM: sending SIGKILL"
expect_clean

name="a second run is refused and harms nothing"
config "$one" "$two"
start
until_true 20 says "all nodes run" || fail "never ready"
timeout 30 "$bin/takt" run "$work/trial.yaml" > "$work/second" 2>&1
expect_exit $? 1
grep -q "node 'one' of domain 'trial' runs already" "$work/second" || fail "node one is not named"
grep -q "node 'two' of domain 'trial' runs already" "$work/second" || fail "node two is not named"
before=$(head_of pong)
until_true 20 is_past pong "$before" || fail "the first run was harmed"
kill -INT "$supervisor"
await_end
expect_exit $result 0
expect_clean

name="the data flows on when the supervisor is killed"
config "$one" "$two" "$three"
start
until_true 20 says "all nodes run" || fail "never ready"
orphans=$(pgrep -P "$supervisor")
kill -KILL "$supervisor"
{ wait "$supervisor"; } 2>/dev/null # its obituary is not news
supervisor=
before=$(head_of pong)
until_true 20 is_past pong $((before + 100)) || fail "no data without the supervisor"
for orphan in $orphans; do kill -0 "$orphan" 2>/dev/null || fail "node $orphan died with its supervisor"; done
# A line to a node whose standard error nobody reads any more must not end it either.
echo "ping" > "$TAKT_SHM_FOLDER/takt.trial/command.two"
before=$(head_of pong)
until_true 20 is_past pong $((before + 100)) || fail "an answer to nobody ended the node"
for node in one two three; do echo "quit" > "$TAKT_SHM_FOLDER/takt.trial/command.$node"; done
gone() { for orphan in $orphans; do kill -0 "$orphan" 2>/dev/null && return 1; done; return 0; }
until_true 20 gone || fail "the nodes do not obey quit"
orphans=
# What they left is cleaned by the next run.
run --for 50ms
expect_exit $? 0
expect_clean

name="--only and --keep"
run --for 50ms --only one,three --keep
expect_exit $? 0
expect "'one' is ready"
refuse "'two' is ready"
[ -e "$TAKT_SHM_FOLDER/takt.trial/topic.ping" ] || fail "--keep kept nothing"

name="wrong command lines"
run --only one,nobody
expect_exit $? 2
run --for soon
expect_exit $? 2
run --no-such-option
expect_exit $? 2
timeout 10 "$bin/takt" run > "$work/out" 2>&1
expect_exit $? 2
timeout 10 "$bin/takt" run /no/such/config.yaml > "$work/out" 2>&1
expect_exit $? 1
run --help
expect_exit $? 0
expect "usage: takt run CONFIG"

[ $failures -eq 0 ] && echo "all passed"
[ $failures -eq 0 ]
