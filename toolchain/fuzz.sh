#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Feeds every reader of foreign bytes with inputs that libFuzzer makes of tests/fuzz/corpus, under both sanitizers, and fails on any
# finding. usage: toolchain/fuzz.sh [SECONDS for each target, default 60] [TARGET...]
# Findings are left in build/fuzz/findings, what was learned in build/fuzz/corpus: a longer run goes on from there.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
all=$(find tests/fuzz/corpus -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $all
targets=""
for name in "$@"; do
	[ -d "tests/fuzz/corpus/$name" ] || {
		echo "fuzz: there is no target '$name'; there are:" $all >&2
		exit 2
	}
	targets="$targets fuzz_$name"
done
jobs=$(nproc)
cmake --preset fuzz >/dev/null
# shellcheck disable=SC2086
cmake --build --preset fuzz -j "$jobs" --target $targets -- --quiet

folder=$(mktemp -d /dev/shm/fuzz-XXXXXX)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
mkdir -p build/fuzz/findings build/fuzz/logs

# One target. The seed is fixed: two runs of the same length on the same machine see much the same.
fuzz() {
	log=build/fuzz/logs/$1.log
	TAKT_FUZZ_FOLDER=$folder/$1
	export TAKT_FUZZ_FOLDER
	mkdir -p "build/fuzz/corpus/$1" "$TAKT_FUZZ_FOLDER"
	dictionary=""
	[ ! -f "tests/fuzz/$1.dict" ] || dictionary="-dict=tests/fuzz/$1.dict"
	# shellcheck disable=SC2086
	"build/fuzz/tests/fuzz/fuzz_$1" -seed=7 -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=2048 \
		-print_final_stats=1 -artifact_prefix="build/fuzz/findings/$1-" $dictionary \
		"build/fuzz/corpus/$1" "tests/fuzz/corpus/$1" >"$log" 2>&1
}

report() {
	last=$(grep -E ' cov: [0-9]+ ft: ' "$log" | tail -1)
	number() { printf '%s\n' "$last" | sed -nE "s/.* $1: ([0-9]+).*/\1/p"; }
	executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	printf '%-11s %10s executions %6s edges %6s features %5s inputs\n' "$1" "${executions:-0}" "$(number cov)" "$(number ft)" \
		"$(number corp)"
	[ "${executions:-0}" -gt 0 ]
}

try() {
	result=0
	fuzz "$1" || result=$?
	if [ "$result" = 0 ] && report "$1"; then
		return 0
	fi
	echo "fuzz: $1 ended with $result; its input is in build/fuzz/findings, its words in $log:" >&2
	grep -E 'FUZZ_CHECK|bug in this process|runtime error|ERROR|SUMMARY|Test unit written' "$log" >&2 || tail -5 "$log" >&2
	return 1
}

# One worker for each processor; the n-th takes every n-th target.
worker=0
while [ "$worker" -lt "$jobs" ]; do
	(
		index=0
		for name in "$@"; do
			index=$((index + 1))
			[ $((index % jobs)) = "$worker" ] || continue
			try "$name" || echo "$name" >>"$folder/failed"
			echo "$name" >>"$folder/tried"
		done
	) &
	worker=$((worker + 1))
done
wait
touch "$folder/failed" "$folder/tried"
failed=$(wc -l <"$folder/failed")
echo "fuzz: $(wc -l <"$folder/tried") of $# targets, $seconds s each, failed: $failed"
[ "$failed" = 0 ] && [ "$(wc -l <"$folder/tried")" = $# ]
