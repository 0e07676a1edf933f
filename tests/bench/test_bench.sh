#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# takt bench: every test measures what it says, in every format, with its pictures and its verdict; and wrong input is told. Nothing
# here asks how fast anything is. usage: test_bench.sh FOLDER-OF-TAKT
set -u
bin=$(realpath "$1")
export PATH=$bin:$PATH NO_COLOR=1 LC_ALL=C.UTF-8
unset TAKT_CONFIG TAKT_DOMAIN
export TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/takt-test-bench.XXXXXX)
work=$(mktemp -d)
trap 'rm -rf "$work" "$TAKT_SHM_FOLDER"' EXIT
mkdir "$work/tmp"
export TMPDIR=$work/tmp
export XDG_STATE_HOME=$work/state
failures=0
checks=0

fail() {
	failures=$((failures + 1))
	echo "FAILED: $shown: $*"
	cat "$work/out" "$work/err" | tail -20 | sed 's/^/	/'
}

# run CODE ARGUMENT...: takt bench with them, bounded, expects this exit code.
run() {
	local wanted=$1 code
	shift
	shown="takt bench $*"
	checks=$((checks + 1))
	timeout 120 takt bench "$@" >"$work/out" 2>"$work/err"
	code=$?
	[ $code -eq "$wanted" ] || fail "exit code $code, expected $wanted"
}
err() { grep -q -e "$1" "$work/err" || fail "standard error lacks: $1"; }
json() { python3 -c "
import json, sys
rows = json.load(open('$work/out'))
by = lambda test: [row for row in rows if row['test'] == test]
sys.exit(0 if ($1) else 1)" || fail "rows: $1"; }

# config FILE DEADLINE_US PERIOD_US
config() {
	cat >"$work/$1" <<-YAML
	domain: judged
	topics:
	  - {name: motor, type: motor, bytes: 16, deadline_us: $2}
	nodes:
	  - {name: sensor, program: sensor, publishes: [motor], period_us: $3}
	YAML
}
config patient.yaml 60000000 60000000
config hasty.yaml 1 10

two_cpus=0
[ "$(nproc)" -lt 2 ] || two_cpus=1
run 0 --quick --seconds 0.02 --format json --plot "$work/plots" --config "$work/patient.yaml"
# Rows of a period have too few periods in so short a time.
json "all(row['takt'] > 0 for row in rows if 'kHz' not in row['case'])"
json "all(row['ratio'] is None or row['ratio'] > 0 for row in rows)"
json "all(row['floor'] > 0 and row['ratio'] > 0 for row in rows if row['test'] != 'scale' and 'kHz' not in row['case'])"
json "all(row['p50_ns'] <= row['p99_ns'] <= row['p999_ns'] <= row['max_ns'] for row in by('wake') + by('publish') + by('command'))"
json "len(by('wake')) >= 1 and len(by('publish')) == 10 and len(by('periodic')) == 4 and len(by('command')) >= 2"
# Each state of the tracepoints is measured, or left out by its name.
states=$(grep -c "bench: trace: 'publish, .*' is left out: ." "$work/err")
json "len(by('trace')) >= 1 and len(by('trace')) + $states == 4"
json "len(by('scale')) > 15 and len(by('transports')) >= 18"
json "all(row['verdict'] in (None, 'met', 'missed') for row in rows)"
[ $two_cpus = 0 ] || json "len(by('poll')) == 2 and len(by('stream')) >= 7"
err 'wake-up p99.9 is [0-9]* us; `motor` allows 60000000 us: ok'
err 'lateness of a cycle p99.9 is [0-9]* us; `sensor` allows 60000000 us: ok'
for picture in wake publish publish-sleeping periodic-1 command scale transports; do
	for kind in svg png; do
		[ -s "$work/plots/$picture.$kind" ] || fail "there is no picture $picture.$kind"
	done
done
[ -z "$(ls -A "$TAKT_SHM_FOLDER")" ] || fail "something was left in shared memory: $(ls "$TAKT_SHM_FOLDER")"
[ -z "$(ls -A "$TMPDIR")" ] || fail "something was left in $TMPDIR: $(ls "$TMPDIR")"

run 0 publish --seconds 0.02 --format csv
[ "$(wc -l <"$work/out")" -eq 11 ] || fail "a heading and ten rows are expected"
run 0 command --seconds 0.02 --load 1
run 0 publish --seconds 0.02 --cpus 0,0
err 'one CPU'

# No machine wakes a process within a microsecond. The verdict alone runs the two tests that it is made of.
run 1 publish --quick --seconds 0.02 --config "$work/hasty.yaml"
grep -q 'wake-up p99.9 is [0-9]* us; `motor` allows 1 us: too slow' "$work/out" || fail "no verdict on the deadline"

# The config that nodes would take judges too; one that cannot be read is told before anything is measured.
TAKT_CONFIG=$work/none.yaml run 1 --seconds 0.02
err 'none.yaml'
[ ! -s "$work/out" ] || fail "measured all the same"
run 1 wake --config "$work/none.yaml"
err 'none.yaml'
run 2 wake --sizes 7
err 'multiples of 8'
run 2 wake --cpus 1
err 'expected two CPU numbers'
run 2 nonsense
err "'nonsense' is no test"
run 2 --priority 100
err 'from 1 to 99'
run 0 --help
grep -q 'usage: takt bench' "$work/out" || fail "no usage"

echo "test_bench: $checks runs, $failures failures"
[ $checks -gt 0 ] && [ $failures -eq 0 ]
