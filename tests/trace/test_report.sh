#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# takt trace report on a real trace with faults on purpose: it finds them, agrees with shared memory to the last figure, and survives
# a trace that is cut off, damaged, or none.
# usage: test_report.sh BIN_FOLDER NODE_PROGRAM
set -u
. "$(dirname "$0")/session.sh"
. "$(dirname "$0")/chain.sh"
session_arguments "$@"
report() { trace report "$@"; }

chain_set_up
session_start run
# One that hears only of reads, and one that hears nothing of takt's.
for pair in 'reads takt:sample_read' 'foreign lttng_ust_statedump:*'; do
	name=${pair%% *}
	{
		as_user lttng -n create "$name" --output="$work/$name" && as_user lttng -n enable-event -u -s "$name" "${pair#* }" &&
			as_user lttng -n start "$name"
	} >"$work/lttng.log" 2>&1 || { cat "$work/lttng.log"; fail "no session $name"; }
done
chain_run
for name in foreign reads run; do
	session_stop $name
done
[ "$lost" -ge 150 ] || fail "sink lost $lost, and was to lose nearly all: nothing was injected"

mkdir "$work/info"
for name in source relay sink; do
	as_user "$bin/takt" node info $name -d injected --format json >"$work/info/$name.json" || fail "no figures of $name"
done
as_user "$bin/takt" topic delay -d injected --format json >"$work/delay.json" || fail "no delays"
report "$work/run" --worst 100 --format json || { cat "$work/err"; fail "the report of a whole trace ended with $?"; }
[ -s "$work/err" ] && { cat "$work/err"; fail "the report of a whole trace complains"; }
cp "$work/out" "$work/report.json"
check() { python3 "$here/check_report.py" "$1" "$work/delay.json" "$work/info" "$lost"; }
check "$work/report.json" || exit 1
# The check can fail: a lost sample less, another percentile, another cause.
for change in "s/\"lost\": $lost/\"lost\": 1/" 's/"p99_us": [0-9.]*/"p99_us": 0.5/' 's/between publishing/behind publishing/'; do
	sed "$change" "$work/report.json" >"$work/changed.json"
	cmp -s "$work/report.json" "$work/changed.json" && fail "'$change' changes nothing"
	check "$work/changed.json" 2>/dev/null && fail "a report that was changed ($change) passes"
done

# Every format has every section; filters hold.
report "$work/run" --worst 3 || fail "no table"
for text in 'source > step > relay > answer > sink' 'publish to wake' 'handled to published' 'begin late' 'worst cycles' \
	'from due to end, usually' 'all .* that can be compared equal'; do
	grep -q "$text" "$work/out" || { cat "$work/out"; fail "the table has no '$text'"; }
done
awk 'length($0) > 120' "$work/out" | grep -q . && fail "a line of the table is longer than 120 columns"
# A terminal of 80 columns has no line broken; the bar is gone when the report is there.
if command -v script >/dev/null; then
	NO_COLOR=1 script -qec "stty cols 80 && '$bin/takt' trace report '$work/run' --worst 3" /dev/null | tr -d '\r' |
		sed 's/^reading \[.*\x1b\[K//' >"$work/terminal"
	grep -q '^  *handled to published' "$work/terminal" || { cat "$work/terminal"; fail "no report on a terminal"; }
	awk 'length($0) > 80' "$work/terminal" | grep . && fail "lines are longer than the terminal"
	grep -q $'\x1b' "$work/terminal" && fail "NO_COLOR has colours on a terminal"
fi
report "$work/run" --format csv || fail "no csv"
grep -q '^# hops' "$work/out" || fail "csv has no hops"
report "$work/run" --topic burst --format csv || fail "no report of one topic"
grep -q '^step,' "$work/out" && fail "--topic burst shows step"
report "$work/run" --node relay --format csv || fail "no report of one node"
grep -q '^[0-9]*,source,' "$work/out" && fail "--node relay shows source's cycles"
report "$work/run" --speed || fail "no speed"

# A trace of another architecture: recorded of AArch64 programs, small buffers, ended before its nodes did. Its figures are those that
# babeltrace2 counts.
mkdir "$work/board"
tar -xzf "$here/data/aarch64.tar.gz" -C "$work/board" || fail "the AArch64 trace cannot be unpacked"
report "$work/board" --format json || { cat "$work/err"; fail "the AArch64 trace ended with $?"; }
babeltrace2 "$work/board" >"$work/board.text" 2>/dev/null || fail "babeltrace2 does not read the AArch64 trace"
python3 - "$work/out" "$work/board.text" <<'END' || fail "the AArch64 trace is read wrongly"
import json, re, sys
report = json.load(open(sys.argv[1]))
text = open(sys.argv[2]).read().splitlines()
reads = [line for line in text if "takt:sample_read:" in line and "is_repeated = 0" in line]
ages = {}
for line in reads:
	key = tuple(int(re.search(rf"\b{name} = (\d+)", line).group(1)) for name in ("topic", "node", "age_ns"))
	ages.setdefault(key[:2], []).append(key[2])
hops = [row for row in report["hops"] if row["span"] == "publish to read"]
assert len(text) > 200 and len(reads) > 30
assert sorted(len(all) for all in ages.values()) == sorted(row["count"] for row in hops), "reads"
assert sorted(round(max(all) / 1e3, 1) for all in ages.values()) == sorted(row["max_us"] for row in hops), "ages"
assert report["trace"]["events"] == sum("takt:" in line and "field_described" not in line for line in text), "events"
assert [row["chain"] for row in report["chains"]] == ["source > step > relay > answer > sink"], "chains"
END

# Wrong input.
mkdir "$work/empty" "$work/other"
expect 2 'something is missing' report
expect 1 'no such folder' report "$work/nowhere"
expect 1 'no trace is in it' report "$work/empty"
expect 1 "no topic 'nothing'" report "$work/run" --topic nothing
expect 2 'whole number from 0 to 100' report "$work/run" --worst 101
expect 1 "none of its .* events is takt's" report "$work/foreign"
expect 0 'no state dump' report "$work/reads"
grep -q 'topic 0 .*node 1' "$work/out" || { cat "$work/out"; fail "topics without a name are not shown by their number"; }
echo "no metadata at all" >"$work/other/metadata"
expect 1 'cut off or damaged at byte 0' report "$work/other"

# Damage: each is survived, and said.
copy() { rm -rf "$work/damaged" && cp -r "$work/board" "$work/damaged" && damaged=$(find "$work/damaged" -name metadata -printf '%h'); }
stream() { find "$damaged" -maxdepth 1 -name 'c_*' -size +4k | sort | head -n 1; }
copy
first=$(stream)
bytes=$(stat -c %s "$first")
for part in 0 1 2 3 4 5 6 7 8 9; do
	copy
	truncate -s $((bytes * part / 10 + part)) "$(stream)"
	expect_cut=$(basename "$(stream)")
	report "$work/damaged"
	code=$?
	[ $code -eq 3 ] || [ $code -eq 1 ] || { cat "$work/err"; fail "a stream cut to $part tenths: ended with $code"; }
	grep -qE "$expect_cut: (.* bytes are left out|cut off)" "$work/err" || { cat "$work/err"; fail "a cut stream is not named"; }
done
copy
printf '\0\0\0\0' | dd of="$(stream)" bs=1 conv=notrunc status=none
report "$work/damaged"
code=$?
[ $code -eq 3 ] || [ $code -eq 1 ] || fail "a packet without its magic: ended with $code"
grep -q 'are left out' "$work/err" || fail "a packet without its magic is not named"
copy
gone=$(stream)
rm "$gone"
report "$work/damaged"
grep -q "$(basename "$gone"): is missing" "$work/err" || { cat "$work/err"; fail "a stream that is gone is not named"; }
copy
truncate -s -100 "$damaged/metadata"
expect 1 'metadata: cut off or damaged at byte' report "$work/damaged"
# Bytes anywhere: no figure is promised, an orderly end is.
for offset in 4 24 40 48 56 70 92 100 150 1000 2500 4096 4136 4144 5000 9000 12300 16400 20000; do
	for file in "$first" metadata; do
		copy
		[ "$file" = metadata ] && target=$damaged/metadata || target=$(stream)
		printf '\377\001\200' | dd of="$target" bs=1 seek=$offset conv=notrunc status=none
		timeout 60 "$bin/takt" trace report "$work/damaged" >/dev/null 2>"$work/err"
		code=$?
		case $code in
		0 | 1 | 3) ;;
		*) cat "$work/err"; fail "bytes changed at $offset of $(basename "$target"): ended with $code" ;;
		esac
		[ $code -eq 0 ] || [ -s "$work/err" ] || fail "bytes changed at $offset of $(basename "$target"): not a word"
	done
done
[ -z "$(ls "$work/tmp")" ] || fail "a folder of copies was left behind"
exit 0
