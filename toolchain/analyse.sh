#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the static analysers over the product: gcc -fanalyzer, clang-tidy (.clang-tidy says which checks) and cppcheck. None may find
# anything but what tests/analyse/false_alarms.txt lists, one by one with its reason, and what that lists must still be found.
# usage: toolchain/analyse.sh [--build FOLDER] [gcc|clang-tidy|cppcheck]...
set -eu
cd "$(dirname "$0")/.."
build=build/release
if [ "${1:-}" = --build ]; then
	build=${2:?"--build needs a configured folder"}
	shift 2
fi
[ $# -gt 0 ] || set -- gcc clang-tidy cppcheck
[ -f "$build/compile_commands.json" ] || cmake --preset release >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
jobs=$(nproc)
find core platform apps -name '*.c' | sort >"$work/sources"
# clang-tidy takes flags from the build, which has one semaphore and no tracepoints; gcc and cppcheck see the others too.
while read -r file; do
	! grep -qF "/$file\"" "$build/compile_commands.json" || echo "$file"
done <"$work/sources" >"$work/built"

# Each prints its findings as FILE:LINE:COLUMN: SEVERITY: TEXT [CHECK].
run_gcc() {
	xargs -P "$jobs" -n 1 gcc -std=c11 -O2 -fanalyzer -fdiagnostics-plain-output -I. "-I$build/include" -D_GNU_SOURCE \
		-DTAKT_VERSION='"0"' -DTAKT_PROGRAMS='"."' -DTAKT_TRACE_FOLDER='"."' -c -o /dev/null <"$work/sources" 2>&1
}
# One file a process: with several, the checker of va_list takes every one for uninitialised (LLVM issue 40656).
run_clang_tidy() {
	xargs -P "$jobs" -n 1 clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option <"$work/built" 2>"$work/stderr"
	grep -E '^Error|error:' "$work/stderr" || true
}
# Not in parallel: then it does not look across files.
run_cppcheck() {
	cppcheck --enable=warning,performance,portability --std=c11 --quiet -I. "-I$build/include" \
		--template='{file}:{line}:{column}: {severity}: {message} [{id}]' --template-location='' \
		--suppress=unusedStructMember --suppress=unknownMacro:core/trace_lttng.h core platform apps 2>&1
}

# Findings against the list of false alarms. Fails on one that is not there, and on an entry that nothing matched.
judge='
function source_line(file, line,    text, number) {
	if (!(file in is_read)) {
		is_read[file] = 1
		number = 0
		while ((getline text < file) > 0)
			lines[file, ++number] = text
		close(file)
	}
	return lines[file, line]
}
FNR == NR {
	if ($0 ~ /^#/ || $0 == "")
		next
	if (split($0, part, / \| /) != 5) {
		print "false_alarms.txt: expected TOOL | FILE | CHECK | PART OF THE LINE | REASON: " $0
		failed = 1
	} else if (part[1] == tool) {
		entries++
		file_of[entries] = part[2]; check_of[entries] = part[3]; text_of[entries] = part[4]
	}
	next
}
!match($0, /^[^ :]+:[0-9]+:[0-9]+: (warning|error|fatal error|performance|portability): /) { next }
seen[$0]++ { next }
{
	split($0, place, ":")
	check = $0
	sub(/.*\[/, "", check); sub(/\]$/, "", check)
	line = source_line(place[1], place[2] + 0)
	for (i = 1; i <= entries; i++)
		if (file_of[i] == place[1] && check_of[i] == check && index(line, text_of[i])) {
			matched[i] = 1
			next
		}
	print $0
	print "    " line
	found++
}
END {
	for (i = 1; i <= entries; i++)
		if (!(i in matched)) {
			print "false_alarms.txt: no longer found, take it out: " file_of[i] " | " check_of[i] " | " text_of[i]
			failed = 1
		}
	printf "analyse: %s: %d findings, %d known false alarms\n", tool, found, entries
	exit found || failed
}'

failed=0
for tool in "$@"; do
	began=$(date +%s)
	case $tool in
	gcc) run_gcc >"$work/$tool" || true ;;
	clang-tidy) run_clang_tidy >"$work/$tool" || true ;;
	cppcheck) run_cppcheck >"$work/$tool" || true ;;
	*)
		echo "usage: $0 [--build FOLDER] [gcc|clang-tidy|cppcheck]..." >&2
		exit 2
		;;
	esac
	sed "s|^$PWD/||" "$work/$tool" >"$work/findings"
	awk -v tool="$tool" "$judge" tests/analyse/false_alarms.txt "$work/findings" || failed=1
	# A tool that did not run at all has found nothing either.
	if ! command -v "$tool" >/dev/null || grep -E 'command not found|No such file|cannot execute' "$work/$tool"; then
		echo "analyse: $tool did not run as it should" >&2
		failed=1
	fi
	echo "analyse: $tool took $(($(date +%s) - began)) s" >&2
done
exit "$failed"
