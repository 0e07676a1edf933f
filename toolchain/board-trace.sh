#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Reads on this machine what was recorded on a board: report, pictures and timeline, and holds them against what must be in them.
# usage: toolchain/board-trace.sh aarch64|armhf DISK FOLDER
#   DISK    what the board has left: a tar archive, filled up with zeros   FOLDER  where it is unpacked, and what is made of it
set -eu
cd "$(dirname "$0")/.."
usage="usage: toolchain/board-trace.sh aarch64|armhf DISK FOLDER"
arch=${1:?"$usage"} disk=${2:?"$usage"} folder=${3:?"$usage"}
case $arch in
aarch64) bits=64 ;;
armhf) bits=32 ;;
*)
	echo "board: unknown architecture '$arch'; $usage" >&2
	exit 2
	;;
esac
fail() {
	echo "board: $*" >&2
	exit 1
}
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target takt_command -- --quiet
takt=build/release/bin/takt
rm -rf "$folder"
mkdir -p "$folder"
tar -xf "$disk" -C "$folder" || fail "$disk holds no trace: expected a tar archive that the board has written"
for command in "report $folder/run1" "report $folder/run1 --format json" "plot $folder/run1 --output $folder/pictures" \
	"export $folder/run1 --to perfetto --output $folder/perfetto.json"; do
	# shellcheck disable=SC2086
	timeout 100 $takt trace $command >"$folder/said" 2>"$folder/complaints" || fail "takt trace $command: $(cat "$folder/complaints")"
	[ ! -s "$folder/complaints" ] || fail "takt trace $command complains: $(cat "$folder/complaints")"
	case $command in
	*"--format json") cp "$folder/said" "$folder/report.json" ;;
	report*) cat "$folder/said" ;;
	esac
done
grep -rqa "architecture_bit_width = $bits;" "$folder"/run1 || fail "the trace is not of a $bits-bit process"
python3 tests/board/check_trace.py "$folder/report.json" board
python3 tests/trace/check_pictures.py "$folder/pictures" "$folder/report.json"
python3 tests/trace/check_timeline.py "$folder/perfetto.json" "$folder/report.json"
