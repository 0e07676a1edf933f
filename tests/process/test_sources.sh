#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The sensor's other sources, end to end: a recording of a real sensor, a recording that ends, one that is wrong, and this machine
# itself; and the examples that the README quotes. usage: test_sources.sh BIN
set -u
bin=$(cd "$1" && pwd)
root=$(cd "$(dirname "$0")/../.." && pwd)
data=${TAKT_SHARED_DATA:-$root/../shared/data}
TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/takt-test-sources-XXXXXX)
export TAKT_SHM_FOLDER NO_COLOR=1
work=$(mktemp -d)
trap 'rm -rf "$TAKT_SHM_FOLDER" "$work"' EXIT
PATH=$bin:$PATH
failed=0
passed=0
skipped=0
expect() {
	local what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		echo "FAILED: $what" >&2
		failed=$((failed + 1))
	fi
}
wait_for_topic() { # DOMAIN TOPIC: until it has a sample, at most 10 s
	for _ in $(seq 200); do
		takt topic echo "$2" -d "$1" --count 1 --for 50ms >/dev/null 2>&1 && return 0
	done
	return 1
}
# A run lasts until its test has seen what it looks for: how long a program takes to start is not asserted. 60 s end one that is stuck.
stop() {
	kill -TERM "$run" 2>/dev/null
	wait "$run"
}
replay() { # RECORDING: makes a config for it
	sed "s|recording.csv\]|\"$1\"]|" "$root/configs/replay.yaml" >"$work/replay.yaml"
}
titles='Time (s),Gyroscope X (deg/s),Gyroscope Y (deg/s),Gyroscope Z (deg/s),Accelerometer X (g),Accelerometer Y (g),Accelerometer Z (g)'

# The recording begins at rest, flat on a table: so must the estimate.
if [ -f "$data/imu_recording.csv" ]; then
	replay "$data/imu_recording.csv"
	takt run "$work/replay.yaml" --for 60s >"$work/log" 2>&1 &
	run=$!
	wait_for_topic replay state
	takt topic echo state -d replay --format csv --for 2s >"$work/state.csv" 2>/dev/null
	takt topic echo imu -d replay --format csv --for 500ms >"$work/imu.csv" 2>/dev/null
	stop
	expect "the replay ends with 0" [ $? -eq 0 ]
	count=$(($(wc -l <"$work/state.csv") - 1))
	expect "about 100 estimates a second: $count in 2 s" [ "$count" -gt 120 -a "$count" -lt 300 ]
	worst=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) { if ($i ~ /^attitude\[0\]/) r = i; if ($i ~ /^attitude\[1\]/) p = i } next }
		{ for (k = r; k <= p; k++) { v = $k < 0 ? -$k : $k; if (v > max) max = v } } END { print max * 57.2958 }' "$work/state.csv")
	expect "the estimate is level within 3 degrees: $worst" awk -v w="$worst" 'BEGIN { exit !(w < 3) }'
	# Times of measurement are the recording's: 7.5 to 10.1 ms apart, whatever the scheduler did.
	spacing=$(awk -F, 'NR == 2 { last = $3; next } NR > 2 { d = ($3 - last) / 1e6; if (d < 7 || d > 12) bad++; n++; last = $3 } END { print (n > 10 && !bad) }' "$work/imu.csv")
	expect "origin times are the recording's own" [ "$spacing" = 1 ]
else
	echo "SKIPPED: the replay of a real recording: there is no $data/imu_recording.csv"
	skipped=$((skipped + 1))
fi

# A recording that ends: said, and a defined state, not a silent zero.
{ echo "$titles"; for i in $(seq 0 50); do echo "0.$((100 + i)),0,0,0,0,0,1"; done; } >"$work/short.csv"
replay "$work/short.csv"
takt run "$work/replay.yaml" --for 60s >"$work/log" 2>&1 &
run=$!
wait_for_topic replay state
for _ in $(seq 100); do takt topic echo state -d replay --count 1 --for 200ms --format csv 2>/dev/null | grep -q 'no sensor' && break; done
expect "after the recording's end the controller says so" grep -q . <(takt topic echo state -d replay --count 1 --for 1s --format csv 2>/dev/null | grep 'no sensor')
stop
expect "the end of the recording is said" grep -q 'the recording has ended after 51 samples' "$work/log"

# A recording that is wrong: named by line and column.
{ echo "$titles"; echo "0,0,0,oops,0,0,1"; } >"$work/wrong.csv"
replay "$work/wrong.csv"
takt run "$work/replay.yaml" --for 3s >"$work/log" 2>&1
expect "a wrong recording fails the run" [ $? -eq 1 ]
expect "its line and column are named" grep -q "wrong.csv: line 2, column 4: a number was expected, found 'oops'" "$work/log"
replay "$work/absent.csv"
takt run "$work/replay.yaml" --for 3s >"$work/log" 2>&1
expect "an absent recording fails the run" [ $? -eq 1 ]
expect "it is named" grep -q 'absent.csv: cannot be opened' "$work/log"

# This machine itself.
takt run "$root/configs/machine.yaml" --for 60s >"$work/log" 2>&1 &
run=$!
wait_for_topic machine fan
takt topic echo machine -d machine --count 2 --for 3s --format csv >"$work/machine.csv" 2>/dev/null
takt topic echo fan -d machine --count 1 --for 3s --format csv >"$work/fan.csv" 2>/dev/null
stop
expect "the machine's run ends with 0" [ $? -eq 0 ]
load=$(awk -F, 'NR > 1 { print $4 }' "$work/machine.csv" | tail -1)
expect "its load is a share: $load" awk -v l="${load:--1}" 'BEGIN { exit !(l >= 0 && l <= 1) }'
duty=$(awk -F, 'NR == 2 { print $4 }' "$work/fan.csv")
expect "the fan has a duty: $duty" awk -v d="${duty:--1}" 'BEGIN { exit !(d >= 0 && d <= 1) }'

# A sensor of industrial I/O that is not there; arguments that are wrong. tests/board has one that is there.
if [ -x "$bin/sensor_iio" ]; then
	sed -e 's/accel_3d, "rate_hz=100"/no_such_sensor/' -e 's/restart: always.*//' "$root/configs/iio.yaml" >"$work/iio.yaml"
	takt run "$work/iio.yaml" --for 3s >"$work/log" 2>&1
	expect "a sensor that is not there fails the run" [ $? -eq 1 ]
	expect "it is named, and what there is" \
		grep -qE "device 'no_such_sensor': (this machine shows no industrial-I/O device|there is none of this name, .* there are: )" "$work/log"
	sed -i 's/no_such_sensor/no_such_sensor, "rate_hz=fast"/' "$work/iio.yaml"
	takt run "$work/iio.yaml" --for 3s >"$work/log" 2>&1
	expect "a wrong rate fails the run" [ $? -eq 1 ]
	expect "it is named" grep -q "expected rate_hz= and more than 0, at most 100000, found 'rate_hz=fast'" "$work/log"
else
	echo "SKIPPED: the source iio: takt was built without libiio"
	skipped=$((skipped + 1))
fi
mkdir "$work/alone"
cp "$bin/sensor" "$work/alone"
# Under emulation it is a script that runs the program by its full name.
[ ! -f "$bin/sensor.elf" ] || sed "s|[^ ]*/sensor\.elf|$work/alone/sensor.elf|" "$bin/sensor" >"$work/alone/sensor"
[ ! -f "$bin/sensor.elf" ] || cp "$bin/sensor.elf" "$work/alone"
expect "without its program the source iio says what is missing" \
	grep -q "the source 'iio' is the program .*/alone/sensor_iio, and it is not there" <("$work/alone/sensor" iio 0 2>&1)

# The examples: every greeting comes, in order.
takt run "$root/configs/hello.yaml" --for 2s >"$work/log" 2>&1
expect "the examples end with 0" [ $? -eq 0 ]
expect "the listener hears the talker" grep -q 'listener | hello from takt [0-9]* (sample [0-9]*, lost 0)' "$work/log"
for example in publisher subscriber; do
	lines=$(grep -cv -e '^$' -e SPDX "$root/apps/examples/$example.c")
	expect "example $example has at most 25 lines: $lines" [ "$lines" -le 25 ]
done
expect "nothing is left in the shared-memory folder: $(ls -A "$TAKT_SHM_FOLDER")" [ -z "$(ls -A "$TAKT_SHM_FOLDER")" ]
[ "$failed" = 0 ] || cat "$work/log" >&2
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
