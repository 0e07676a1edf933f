#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Text both ways: what goes out as json, csv, binary or raw comes back as the same bytes, for a field of every kind; what is no sample is
# refused, told and counted; rates and ends. usage: test_text.sh FOLDER-OF-TAKT FOLDER-OF-TICKER FOLDER-OF-LEGACY [CASE]
set -u
. "$(dirname "$(realpath "$0")")/common.sh"
own_namespace "$0" "$@"
bridge_set_up "$@"
tick_fields="count u64, i64 i64, f64 f64 rad, place.x f64 m, place.y f64 m, corners[0].x f64 m, corners[0].y f64 m, corners[1].x f64 m,
 corners[1].y f64 m, u32 u32, i32 i32 counts, f32 f32[3] m/s^2, u16 u16, i16 i16 °C, u8 u8, i8 i8, flag bool, text char[16]"

# feed TEXT [OPTION...]: lines into the topic.
feed() {
	local text=$1
	shift
	printf '%b' "$text" >"$work/text"
	takt bridge measure --from stdin --node inward --fields "$fields" "$@" <"$work/text" >"$work/feed.out" 2>"$work/feed.err"
	code=$?
	expect "the end of standard input is a clean end" test $code = 0
}
good='{"count":1,"value":0.5,"status":-1,"unit":"bar"}\n'

case_round_trip() {
	start ticker env TAKT_NODE=ticker ticker
	until_true 20 node_is_ready ticker
	for format in json csv binary raw; do
		timeout 30 takt bridge tick --to stdout --format $format --count 40 2>>"$work/out.err" >"$work/record"
		expect "$format: 40 go out" test $? = 0
		timeout 30 takt bridge twin --from stdin --format $format --node twin_in --fields "$tick_fields" \
			<"$work/record" 2>"$work/in.err"
		expect "$format: they come in" counted in.err passed 40
		takt bridge twin --to stdout --format raw --history --count 40 2>/dev/null >"$work/twin"
		expect "$format: as the same bytes" same_fields
		takt clean bridged >/dev/null 2>&1
	done
}
# Counts follow each other, and the rest, up to the last field, is the ticker's.
same_fields() {
	python3 - "$work/twin" <<'CHECK'
import struct, sys
data = open(sys.argv[1], "rb").read()
ticks = [data[i : i + 120] for i in range(0, len(data), 120)][-40:]
count = [struct.unpack_from("<Q", tick)[0] for tick in ticks]
rest = struct.pack("<dddddd", 0.1, -2.5, 1, 2, 3, 4) + struct.pack("<IifffHhBb", 4000000000, -2000000000, 0.1, -9.81, 1e-9, 65535, -32768, 255, -128)
good = count == list(range(count[0], count[0] + 40)) and len(ticks) == 40
for tick in ticks:
    good &= struct.unpack_from("<q", tick, 8)[0] == -9000000000000000000 and tick[24 : 24 + len(rest)] == rest
    good &= tick[98] in (0, 1) and tick[99:115].rstrip(b"\0") == b'a,"b" \033[31mred' and tick[115:] == bytes(5)
sys.exit(0 if good else 1)
CHECK
}

case_bad_json() {
	local bad
	for bad in 'no json' '{"count":1}' '[1,2]' '{"count":1,"value":0.5,"status":-1,"unit":"bar","more":1}' '{"count":-1,"value":0,"status":0,"unit":""}' \
		'{"count":1.5,"value":0,"status":0,"unit":""}' '{"count":1,"value":0,"status":2147483648,"unit":""}' \
		'{"count":1,"value":"x","status":0,"unit":""}' '{"count":1,"value":0,"status":0,"unit":"five5"}' \
		'{"count":1,"value":0,"status":0,"unit":7}' '{"count":[1],"value":0,"status":0,"unit":""}' \
		'{"count":1,"count":1,"value":0,"status":0,"unit":""}' '{"count":true,"value":0,"status":0,"unit":""}' \
		'{"count":18446744073709551616,"value":0,"status":0,"unit":""}' '{"count":1,"value":0,"status":0,"unit":"\\\\x0"}'; do
		feed "$bad\n$good"
		expect "refused: $bad" counted feed.err refused 1
		expect "and the next one passes: $bad" counted feed.err passed 1
		expect "it is told: $bad" has feed.err 'a record is no sample of type'
	done
	# A line that does not end is not kept for ever; one that is cut off by the end is a line too.
	feed "$(printf '%0300000d' 7)\n$good"
	expect "a line that is too long is refused" counted feed.err refused 1
	expect "and the next one passes" counted feed.err passed 1
	feed "$(printf '%s' "$good" | tr -d '\n' | sed 's/\\n$//')"
	expect "a last line without its end passes" counted feed.err passed 1
	feed "\n\n  \n"
	expect "empty lines are nothing" counted feed.err taken 0
	# What is told cannot move a terminal's cursor.
	feed '{"\\u001b[31mred":1}\n'
	expect "escaped" has feed.err '.\[31mred'
	expect "no escape sequence" test "$(grep -c "$(printf '\033')" "$work/feed.err")" = 0
}

case_bad_csv() {
	local head='count,value (bar),status,unit\n'
	feed "${head}1,0.5,-1,bar\n" --format csv
	expect "a table" counted feed.err passed 1
	feed 'unit,status,value,count\n"b,r",-1,0.5,1\n' --format csv
	expect "in any order, without units, with quotes" counted feed.err passed 1
	for bad in '1,0.5,-1' '1,0.5,-1,bar,1' '1,0.5,x,bar' '1,,0,bar' '1,0.5,2147483648,bar' '"1,0.5,-1,bar' '0x10,0.5,-1,bar' '1,0.5,-1,a\\y' \
		'18446744073709551616,0.5,-1,bar'; do
		feed "$head$bad\n2,nan,-2147483648,bar\n" --format csv
		expect "refused: $bad" counted feed.err refused 1
		expect "and the next one passes: $bad" counted feed.err passed 1
	done
	for bad in 'count,value (psi),status,unit' 'count,value,status' 'count,value,status,unit,more' 'count,count,value,status,unit'; do
		feed "$bad\n${head}1,0.5,-1,bar\n" --format csv
		expect "a head that is none: $bad" counted feed.err refused 1
		expect "and the next one is: $bad" counted feed.err passed 1
	done
}

# What is over the rate waits in a pipe, and is dropped of datagrams; out of a topic the newest goes, and the others are left out.
case_rates() {
	local before after
	before=$(date +%s%N)
	feed "$(printf '%.0s{"count":1,"value":0.5,"status":-1,"unit":"bar"}\\n' 1 2 3 4 5 6 7 8 9 10 11)" --rate 20
	after=$(date +%s%N)
	expect "all pass" counted feed.err passed 11
	expect "not faster than 20 a second" test $((after - before)) -ge 450000000

	inward in "unix:$work/socket" --format raw --rate 0.01
	in=$started
	for count in 1 2 3 4 5; do
		"$legacy/legacy_unix" send "$work/socket" $count $count
		expect "$count are taken" until_true 20 says_on_demand "$in" in.err "$count taken, 1 passed"
	done
	stop in "$in"
	expect "four are left out" has in.err '4 left out by the rate'

	start out takt bridge measure --to stdout --rate 0.01 --history
	out=$started
	expect "the newest goes out" until_true 20 says_on_demand "$out" out.err '1 taken, 1 passed'
	stop out "$out"
	expect "it is the newest" has out.out '"number":12'
	expect "the others were left out" grep -qE '[1-9][0-9]* left out' "$work/out.err"
}

# As a node of the config it is seen, and obeys.
case_node() {
	feed "$good"
	start out takt bridge measure --to stdout --node outward --history
	out=$started
	expect "the sample comes" until_true 20 has out.out '"number":1,'
	expect "the bridge is a node of the domain" node_is_ready outward
	takt node info outward >"$work/info.out" 2>&1
	expect "that has read a sample" grep -qE 'measure +1 ' "$work/info.out"
	takt command outward quit >/dev/null 2>&1
	finished "a node that was told to quit" "$out" 0
	expect "its account" counted out.err passed 1

	start out env TAKT_NODE=outward takt bridge never --to stdout
	finished "a topic that the node does not read" "$started" 1
	start out env TAKT_NODE=outward takt bridge tick --to stdout
	out=$started
	expect "a node that waits for a topic is ready" until_true 20 node_is_ready outward
	takt command outward quit >/dev/null 2>&1
	finished "a node that was told to quit while it waited" "$out" 0
	# A shell's background ignores it.
	start out env --default-signal=INT takt bridge measure --to stdout
	out=$started
	until_true 20 says_on_demand "$out" out.err taken
	kill -INT "$out"
	finished "SIGINT" "$out" 0
}

# Started by takt run, which waits until each node is ready: one that takes away before the one that publishes.
case_run() {
	mkfifo "$work/pipe"
	cat >"$work/run.yaml" <<CONFIG
domain: bridged
topics:
  - {name: measure, type: measure, bytes: 24, depth: 256}
nodes:
  - {name: outward, program: takt, arguments: [bridge, measure, --to, "unix:$work/socket", --format, raw], subscribes: [measure]}
  - {name: inward, program: takt, arguments: [bridge, measure, --from, "fifo:$work/pipe", --format, raw, --fields, "$fields"], publishes: [measure]}
CONFIG
	start receiver "$legacy/legacy_unix" receive "$work/socket" 5
	receiver=$started
	until_true 20 test -S "$work/socket"
	start run takt run "$work/run.yaml"
	run=$started
	expect "both are ready" until_true 20 node_is_ready inward
	start sender "$legacy/legacy_fifo" send "$work/pipe" 1 5
	finished sender "$started" 0
	finished receiver "$receiver" 0
	expect "what was sent came out" diff <(expected 1 5) "$work/receiver.out"
	stop run "$run"
	expect "takt run shows the accounts" grep -q 'outward.*5 taken, 5 passed' <(cat "$work/run.out" "$work/run.err")
}

run_cases round_trip bad_json bad_csv rates node run
