#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# takt trace plot and takt trace export on a real trace: their figures are the report's, and damage, wrong input and a machine without
# gnuplot are survived with a clear word.
# usage: test_pictures.sh BIN_FOLDER NODE_PROGRAM
set -u
. "$(dirname "$0")/session.sh"
. "$(dirname "$0")/chain.sh"
session_arguments "$@"
timeline() { python3 "$here/check_timeline.py" "$@"; }
pictures() { python3 "$here/check_pictures.py" "$@"; }

command -v gnuplot >/dev/null || skip "gnuplot is missing: toolchain/setup.sh test installs it"
chain_set_up
session_start run
chain_run
session_stop run
trace report "$work/run" --format json || fail "no report: $(cat "$work/err")"
cp "$work/out" "$work/report.json"

# Pictures and timeline stand beside the trace unless they are sent elsewhere, and do not disturb it.
trace plot "$work/run" || fail "plot: $(cat "$work/err")"
[ -s "$work/err" ] && fail "plot complains: $(cat "$work/err")"
[ "$(wc -l <"$work/out")" -eq 8 ] || fail "plot does not say which 8 files it made: $(cat "$work/out")"
pictures "$work/run/pictures" "$work/report.json" || exit 1
trace export "$work/run" || fail "export: $(cat "$work/err")"
[ -s "$work/err" ] && fail "export complains: $(cat "$work/err")"
timeline "$work/run/perfetto.json" "$work/report.json" || exit 1
trace report "$work/run" --format json || fail "no report beside the pictures: $(cat "$work/err")"
cmp -s "$work/out" "$work/report.json" || fail "the report changes with pictures beside the trace"
session_text run

# The checks can fail: a sample less, another time, another name; a flow without its end, a slice across another, a cycle less.
for change in '0,/^[0-9]* [0-9]* [0-9]*$/{/^[0-9]* [0-9]* [0-9]*$/d}' 's/relay/another/'; do
	cp -r "$work/run/pictures" "$work/changed"
	sed -i "$change" "$work/changed/latency-histogram.gnuplot"
	pictures "$work/changed" "$work/report.json" 2>/dev/null && fail "pictures that were changed ($change) pass"
	rm -rf "$work/changed"
done
for change in '0,/"ph":"f"/{/"ph":"f"/d}' '0,/"name":"cycle 50"/{/"name":"cycle 50"/d}' '0,/"cat":"read"/s/"dur":[0-9.]*/"dur":900000.000/' \
	'0,/"name":"process_name"/{/"name":"process_name"/d}' '0,/"name":"publish step"/s/"ts":\([0-9]*\)[.]/"ts":1\1./'; do
	sed "$change" "$work/run/perfetto.json" >"$work/changed.json"
	cmp -s "$work/run/perfetto.json" "$work/changed.json" && fail "'$change' changes nothing"
	timeline "$work/changed.json" "$work/report.json" 2>/dev/null && fail "a timeline that was changed ($change) passes"
done

# Choices.
trace plot "$work/run" --output "$work/relay" --node relay --topic step || fail "plot of one node: $(cat "$work/err")"
grep -q "title 'answer > sink'" "$work/relay/latency-histogram.gnuplot" && fail "--topic step shows answer"
grep -q "title 'step > relay'" "$work/relay/latency-histogram.gnuplot" || fail "--topic step does not show step"
grep -q 'source, period jitter' "$work/relay/jitter.gnuplot" && fail "--node relay shows source"
grep -q 'of relay' "$work/relay/worst-cycle.gnuplot" || fail "--node relay shows another's worst cycle"
trace export "$work/run" --to chrome --output "$work/chrome.json" || fail "export to chrome: $(cat "$work/err")"
cmp -s "$work/chrome.json" "$work/run/perfetto.json" || fail "chrome and perfetto are two things"

# Without gnuplot: the word, the data, and no success.
mkdir "$work/none"
(
	export PATH=$work/none
	timeout=/usr/bin/timeout
	"$timeout" 100 "$bin/takt" trace plot "$work/run" --output "$work/bare" >"$work/out" 2>"$work/err"
)
[ $? -eq 1 ] || fail "plot without gnuplot succeeds"
grep -q 'gnuplot is not installed.*apt install gnuplot-nox' "$work/err" || fail "plot without gnuplot: $(cat "$work/err")"
[ "$(ls "$work/bare")" = "$(printf '%s\n' jitter latency-cumulative latency-histogram worst-cycle | sed 's/$/.gnuplot/')" ] ||
	fail "without gnuplot there are: $(ls "$work/bare")"

# Wrong input.
mkdir "$work/empty"
: >"$work/file"
expect 2 'something is missing' plot
expect 2 'something is missing' export
expect 2 '--to svg: expected perfetto or chrome' export "$work/run" --to svg
expect 1 'no such folder' plot "$work/nowhere"
expect 1 'no trace is in it' export "$work/empty"
expect 1 "no topic 'nothing'" plot "$work/run" --topic nothing
expect 1 '--output FOLDER puts them elsewhere' plot "$work/run" --output "$work/file"
expect 1 '--output FOLDER puts them elsewhere' plot "$work/run" --output "$work/nowhere/pictures"
expect 1 '--output FILE writes elsewhere' export "$work/run" --output "$work/nowhere/timeline.json"
[ -c /dev/full ] && expect 1 'is there room on the disk' export "$work/run" --output /dev/full

# A trace of another architecture, and that trace damaged: whatever is left is a whole file.
mkdir "$work/board"
tar -xzf "$here/data/aarch64.tar.gz" -C "$work/board" || fail "the AArch64 trace cannot be unpacked"
trace export "$work/board" --output "$work/board.json" || fail "export of the AArch64 trace: $(cat "$work/err")"
timeline "$work/board.json" || exit 1
trace plot "$work/board" --output "$work/board.pictures" || fail "plot of the AArch64 trace: $(cat "$work/err")"
whole=0
for offset in 40 150 1000 2500 5000 12300; do
	rm -rf "$work/damaged" && cp -r "$work/board" "$work/damaged"
	stream=$(find "$work/damaged" -name 'c_*' -size +4k | sort | head -n 1)
	if [ $((offset % 1000)) -eq 0 ]; then
		truncate -s $offset "$stream"
	else
		printf '\377\001\200' | dd of="$stream" bs=1 seek=$offset conv=notrunc status=none
	fi
	trace export "$work/damaged" --output "$work/damaged.json"
	code=$?
	case $code in
	0 | 3) timeline "$work/damaged.json" && whole=$((whole + 1)) || fail "bytes changed at $offset: no timeline" ;;
	1) [ -s "$work/err" ] || fail "bytes changed at $offset: not a word" ;;
	*) cat "$work/err"; fail "bytes changed at $offset: ended with $code" ;;
	esac
	rm -f "$work/damaged.json"
done
[ $whole -ge 4 ] || fail "of 6 damaged traces only $whole have a timeline"
trace plot "$work/damaged" --output "$work/damaged.pictures"
code=$?
[ $code -eq 3 ] || [ $code -eq 0 ] || { cat "$work/err"; fail "plot of a damaged trace ended with $code"; }
[ -z "$(ls "$work/tmp")" ] || fail "a folder of copies was left behind"
echo "trace: pictures and timeline are the report's; $whole of 6 damaged traces have a whole timeline"
