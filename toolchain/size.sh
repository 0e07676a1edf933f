#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How large takt is, of every target that is built: core alone, without and with tracepoints, the toolbox of queues and synchronisation
# objects, which a program that is linked statically has only where it uses them, the whole library with all that is linked into it, and the
# demo's domain.
# usage: toolchain/size.sh [--build] [FOLDER...]
#   FOLDER   build folders; without one: those of build/release, build/aarch64 and build/armhf that exist
#   --build  builds these three first (toolchain/cross.sh)
# Bytes of what a process maps of the stripped library. Code: instructions. Constants: texts of messages and tables, in the shared library
# also names of its symbols. Unwind: tables for C++ exceptions, which are on x86-64 only. Data: what can be written and is in the file;
# memory that starts as zero is told apart. text+data is the sum of the four, as size(1) has it.
# A preset's build with tracepoints (a board's) has core without them built beside it, in FOLDER/without-tracepoints.
set -eu
cd "$(dirname "$0")/.."
build=0
if [ "${1:-}" = --build ]; then
	build=1
	shift
fi
command -v readelf >/dev/null || {
	echo "size: there is no readelf: toolchain/setup.sh build installs it (binutils)" >&2
	exit 1
}
if [ $# -eq 0 ]; then
	if [ $build = 1 ]; then
		cmake --preset release >/dev/null
		cmake --build --preset release -j "$(nproc)" --target takt takt_shared takt_command -- --quiet
		toolchain/cross.sh aarch64
		toolchain/cross.sh armhf
	fi
	for folder in build/release build/aarch64 build/armhf; do
		[ ! -d $folder/core/CMakeFiles/takt.dir ] || set -- "$@" $folder
	done
fi
[ $# -gt 0 ] || {
	echo "size: nothing is built; build something, or: toolchain/size.sh --build" >&2
	exit 1
}

# Flags: A is mapped, W may be written, X runs.
sum='
function number(hex,    i, value) {
	for (i = 1; i <= length(hex); i++)
		value = value * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
	return value
}
$1 == "Name:" || !match($0, /\] *[._a-zA-Z]/) { next }
{
	sub(/^ *\[ *[0-9]+\] */, "")
	flags = NF >= 10 ? $7 : ""
	if (flags !~ /A/)
		next
	bytes = number($5)
	if ($2 == "NOBITS")
		zeroed += bytes
	else if (flags ~ /X/)
		code += bytes
	else if ($1 ~ /^\.(eh_frame|ARM\.ex|gcc_except_table)/)
		unwind += bytes
	else if (flags ~ /W/)
		data += bytes
	else
		constants += bytes
}
END {
	sum = code + constants + unwind + data
	printf "%-8s %-16s %8d %10d %8d %7d %10d %6.1f KiB %8d\n", target, part, code, constants, unwind, data, sum, sum / 1024, zeroed
}'
folders=$*
printf '%-8s %-16s %8s %10s %8s %7s %10s %10s %8s\n' target part code constants unwind data text+data "" zeroed
show() { # TARGET PART FILE...
	target=$1
	part=$2
	shift 2
	for file in "$@"; do readelf -SW "$file"; done | awk -v target="$target" -v part="$part" "$sum"
}
is_toolbox() { # OBJECT
	case $(basename "$1" .c.o) in
	queue_segment | queue_view | producer | push | consumer | take) ;;
	sync | semaphore | mutex | rwlock | events | barrier | condition | config_sync) ;;
	*) return 1 ;;
	esac
}
show_core() { # TARGET PART OBJECT...
	target=$1
	part=$2
	shift 2
	core_objects=""
	toolbox_objects=""
	for object in "$@"; do
		if is_toolbox "$object"; then
			toolbox_objects="$toolbox_objects $object"
		else
			core_objects="$core_objects $object"
		fi
	done
	# shellcheck disable=SC2086
	show "$target" "$part" $core_objects
	# shellcheck disable=SC2086
	[ "$part" != core ] || show "$target" toolbox $toolbox_objects
}
for folder in "$@"; do
	objects=$folder/core/CMakeFiles/takt.dir
	set -- "$objects"/*.o
	[ -f "$1" ] || {
		echo "size: $folder has no libtakt; build it: cmake --build $folder" >&2
		exit 1
	}
	machine=$(readelf -h "$1" | sed -n 's/^ *Machine: *//p')
	case $machine in
	*X86-64*) target=x86-64 ;;
	AArch64) target=aarch64 ;;
	ARM) target=armhf ;;
	*) target=$machine ;;
	esac
	core=core
	! grep -q '^TAKT_TRACING:[A-Z]*=ON' "$folder/CMakeCache.txt" || core=core+tracepoints
	preset=$(basename "$folder")
	if [ $core != core ] && cmake --list-presets | grep -qF "\"$preset\""; then
		plain=$folder/without-tracepoints
		{
			cmake --preset "$preset" -B "$plain" -D TAKT_TRACING=OFF -D TAKT_TESTS=OFF -D TAKT_APPS=OFF &&
				cmake --build "$plain" --target takt -- --quiet
		} >"$folder/without-tracepoints.log" 2>&1 || {
			tail -5 "$folder/without-tracepoints.log" >&2
			echo "size: core without tracepoints cannot be built beside $folder; the whole log: $folder/without-tracepoints.log" >&2
			exit 1
		}
		show_core "$target" core "$plain"/core/CMakeFiles/takt.dir/*.o
	fi
	show_core "$target" $core "$@"
	library=$folder/core/libtakt.so
	[ ! -f "$library" ] || show "$target" libtakt.so "$library"
done

# What the demo's domain takes of shared memory, while it runs: whole pages of every object.
for folder in $folders; do
	takt=$folder/bin/takt
	[ -x "$takt" ] && "$takt" --version >/dev/null 2>&1 || continue
	TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/size-XXXXXX)
	export TAKT_SHM_FOLDER
	trap 'rm -rf "$TAKT_SHM_FOLDER"' EXIT
	"$takt" run configs/demo.yaml --for 10ms --keep --quiet >/dev/null 2>&1
	used=$(find "$TAKT_SHM_FOLDER" -type f -printf '%b\n' | awk '{ blocks += $1 } END { print blocks * 512 }')
	echo "domain of configs/demo.yaml: $used bytes, $((used / 1024)) KiB, in $(find "$TAKT_SHM_FOLDER" -type f | wc -l) objects"
	break
done
