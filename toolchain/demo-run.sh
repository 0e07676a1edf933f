#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the demo of programs that are built already. usage: toolchain/demo-run.sh BIN FOLDER STEP_S
#   BIN     folder with takt, sensor and controller
#   FOLDER  for the pictures, recordings and the report
#   STEP_S  whole seconds between two events: 3 in the demo, less in the tests
set -eu
bin=$(cd "${1:?"usage: $0 BIN FOLDER STEP_S"}" && pwd)
folder=$2
step=$3
duration=$((4 * step))
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
own=$(cd "$(dirname "$0")" && pwd)
cd "$own/.."
shm=${TAKT_SHM_FOLDER:-/dev/shm}
domain=robot
PATH=$bin:$PATH
export TAKT_DOMAIN=$domain
: >"$folder/events.csv"

# The time of the newest sample: the events' place in the picture.
newest_ns() { takt topic echo imu --count 1 --format csv 2>/dev/null | awk -F, 'NR == 2 { print $2 }'; }
note() {
	now=$(newest_ns)
	printf '%s,%s\n' "${now:-0}" "$1" >>"$folder/events.csv"
	printf '        --> %s\n' "$1"
}
wait_until() {
	while kill -0 "$run" 2>/dev/null; do
		left=$(awk -v begin="$begin" -v at="$1" '{ left = begin + at - $1; print (left > 0 ? left : 0) }' /proc/uptime)
		[ "$left" != 0 ] || return 0
		sleep "$left"
	done
	echo "demo: takt run has ended early" >&2
	exit 1
}
stop_all() {
	# shellcheck disable=SC2086
	kill $recorders "$run" 2>/dev/null || true
}

takt clean "$domain" >/dev/null 2>&1 || true
begin=$(cut -d' ' -f1 /proc/uptime)
takt run configs/demo.yaml --for "${duration}s" --status --report "$folder/report.txt" &
run=$!
recorders=""
trap stop_all EXIT
trap 'exit 130' INT TERM
until [ -p "$shm/takt.$domain/command.controller" ]; do wait_until 0; sleep 0.02; done
takt topic echo state --format csv >"$folder/state.csv" &
recorders="$recorders $!"
takt topic echo motor --format csv >"$folder/motor.csv" &
recorders="$recorders $!"

wait_until "$step"
echo "set set_point_m=0.5" >"$shm/takt.$domain/command.controller"
note "told to move 0.5 m"
wait_until $((2 * step))
kill -KILL "$(takt node list --format csv | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "pid") column = i } $1 == "controller" { print $column }')"
note "controller killed, restarted: back to 0 m"
wait_until $((3 * step))
echo "set k_tilt=180 k_tilt_rate=40" >"$shm/takt.$domain/command.controller"
note "gains raised"

status=0
wait "$run" || status=$?
# shellcheck disable=SC2086
kill $recorders 2>/dev/null || true
# shellcheck disable=SC2086
wait $recorders 2>/dev/null || true
trap - EXIT
echo
cat "$folder/report.txt"
command -v gnuplot >/dev/null || {
	echo "demo: no pictures without gnuplot; install it with: apt-get install gnuplot-nox" >&2
	exit $status
}
for format in svg png; do
	gnuplot -e "folder='$folder'; duration=$duration; terminal_name='$format'; output_name='$folder/demo.$format'" "$own/demo.gnuplot"
done
echo
echo "pictures: $folder/demo.svg $folder/demo.png"
exit $status
