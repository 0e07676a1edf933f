#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Instructions of the hot paths, counted by callgrind and compared with tests/golden/instructions.txt, in both directions; those of a build
# with tracing with tests/golden/instructions_tracing.txt.
# usage: instructions.sh HOT_PATHS [--update]
#   HOT_PATHS  the program, build/release/tests/bench/instructions/hot_paths
#   --update   writes what was counted into the golden file
# Exit: 0 as expected, 1 not, 77 skipped, with the reason.
set -eu
program=${1:?"usage: instructions.sh HOT_PATHS [--update]"}
mode=${2:-check}
here=$(cd "$(dirname "$0")" && pwd)
golden=$(dirname "$(dirname "$here")")/golden/instructions.txt
update="tests/bench/instructions/instructions.sh $program --update"

skip() {
	echo "instructions: skipped: $1"
	exit 77
}
command -v valgrind >/dev/null || skip "valgrind is missing: toolchain/setup.sh test installs it"
build=$("$program" --build)
# A build with tracepoints pays for a branch at each of them.
case $build in *", tracing") golden=${golden%.txt}_tracing.txt ;; esac
expected_build=$(sed -n 's/^build: //p' "$golden" 2>/dev/null || true)
[ "$mode" = --update ] || [ "$build" = "$expected_build" ] ||
	skip "the counts of tests/golden/${golden##*/} are those of '$expected_build', this is '$build'"

work=$(mktemp -d "${TAKT_SHM_FOLDER:-/dev/shm}/takt-instructions-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# count FILE: "PATH INSTRUCTIONS" for each path, in their order: the lines of its own function, and what it called but for what is aside.
# A line of numbers is "LINE INSTRUCTIONS"; the one behind "calls=" is what all those calls took. Source: callgrind's format 1.
count() {
	TAKT_SHM_FOLDER=$work valgrind -q --tool=callgrind --callgrind-out-file="$work/out" --compress-strings=no --compress-pos=no \
		"$program" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		echo "instructions: $program fails under valgrind" >&2
		exit 2
	}
	"$program" --list >"$work/list"
	awk -v turns="$("$program" --turns)" '
		FILENAME == ARGV[1] { names[++count] = $1; next }
		/^fn=/ { path = substr($0, 4) }
		/^cfn=/ { callee = substr($0, 5) }
		/^calls=/ { is_aside = callee ~ /^aside_/; next }
		/^[0-9]/ && path ~ /^path_/ && !is_aside { sum[path] += $2 }
		/^[0-9]/ { is_aside = 0 }
		END {
			# Rounded to whole instructions: the frame of the loop is no multiple of its turns.
			for (i = 1; i <= count; i++)
				printf "%s %d\n", substr(names[i], 6), sum[names[i]] / turns + 0.5
		}' "$work/list" "$work/out" >"$1"
}

# compare GOLDEN COUNTS: complains about each path that differs by more than 5 % or 3 instructions, whichever is more.
compare() {
	awk -v update="$update" '
		function complain(path, text) { print "instructions: " path ": " text; bad = 1 }
		NF != 2 || /^#|^build:/ { next }
		FILENAME == ARGV[1] { expected[$1] = $2; next }
		!($1 in expected) { complain($1, "found " $2 ", and the golden file does not have it"); next }
		{
			found[$1] = 1
			tolerance = expected[$1] * 0.05 > 3 ? expected[$1] * 0.05 : 3
			change = $2 - expected[$1]
			if (change > tolerance)
				complain($1, "expected " expected[$1] " instructions, found " $2 ": it has become dearer")
			if (-change > tolerance)
				complain($1, "expected " expected[$1] " instructions, found " $2 ": it has become cheaper, so write that down")
		}
		END {
			for (path in expected)
				if (!(path in found))
					complain(path, "expected " expected[path] " instructions, and no such path is walked")
			if (bad)
				print "instructions: if it is meant: " update
			exit bad
		}' "$1" "$2"
}

# What must cost the same whatever the domain, the depth and the readers: no loop over any of them. No tolerance but the rounding.
compare_pairs() {
	awk '
		{ found[$1] = $2 }
		function same(left, right) {
			difference = found[left] - found[right]
			if (found[left] && found[right] && difference >= -1 && difference <= 1)
				return
			print "instructions: " left " takes " found[left] " and " right " " found[right] ": expected the same"
			bad = 1
		}
		END {
			same("publish_64_declared_1", "publish_64_declared_16")
			same("publish_64_depth_4", "publish_64_depth_4096")
			same("publish_64_topics_1", "publish_64_topics_200")
			same("read_next_64_depth_4", "read_next_64_depth_4096")
			same("read_next_64_topics_1", "read_next_64_topics_200")
			exit bad
		}' "$1"
}

# A comparison that cannot fail would be none: each of these must be noticed.
check_comparison() {
	sed 's/^\(publish_64 \).*/\11/' "$1" >"$work/changed"
	! compare "$1" "$work/changed" >"$work/said" && grep -q '^instructions: publish_64: .* found 1: it has become cheaper' "$work/said" &&
		! compare "$work/changed" "$1" >"$work/said" && grep -q '^instructions: publish_64: expected 1 .* dearer' "$work/said" &&
		sed '/^read_next_64 /d' "$1" >"$work/changed" && ! compare "$1" "$work/changed" >/dev/null &&
		! compare "$work/changed" "$1" >/dev/null &&
		sed 's/^\(publish_64_topics_200 \).*/\19999/' "$1" >"$work/changed" && ! compare_pairs "$work/changed" >/dev/null
}

write_golden() {
	cat <<-EOF
		# SPDX-License-Identifier: Apache-2.0
		# Instructions that one turn of a hot path executes in user space, the call and the loop around it included: tests/bench/instructions/.
		# Not counted: what the kernel does, and the clock: clock_gettime is replaced by a few instructions that take the place of the
		# vDSO's, and a sleep returns at once. Payloads of 64 bytes; every age is measured, as subscribers do by default.
		# The counts hold for one compiler and its options; another is skipped. Tolerance: 5 % or 3 instructions, whichever is more.
		# Written by tests/bench/instructions/instructions.sh HOT_PATHS --update
		build: $build

	EOF
	cat "$1"
}

count "$work/counts"
check_comparison "$work/counts" || {
	echo "instructions: the comparison does not notice a change" >&2
	exit 2
}
compare_pairs "$work/counts" || exit 1
if [ "$mode" = --update ]; then
	write_golden "$work/counts" >"$work/golden"
	cp "$work/golden" "$golden"
	cat "$golden"
	exit 0
fi
compare "$golden" "$work/counts" || exit 1
cat "$work/counts"
