#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds the latencies that an emulated board measured in virtual time against tests/board/expected-latency: none may be more than 2 % longer,
# but for the chain's MAX, for which it is 10 %.
# usage: toolchain/board-latency.sh CONSOLE PINS [EXPECTED] [--update]
#   PINS      lines "WHAT SHA256 NAME": kernel, emulator, compiler and C library of this run
#   --update  writes EXPECTED anew
# exit: 0 as expected, 1 longer or missing, 77 the pins differ: the figures say nothing then
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
usage="usage: toolchain/board-latency.sh CONSOLE PINS [EXPECTED] [--update]"
console=${1:?"$usage"} pins=${2:?"$usage"}
expected=$here/tests/board/expected-latency update=0
shift 2
for argument in "$@"; do
	if [ "$argument" = --update ]; then update=1; else expected=$argument; fi
done
figures=$(sed -n 's/^BOARD FIGURE \([a-z_]* [0-9]* [0-9]* [0-9]* [0-9]*\)$/figure \1/p' "$console")
[ -n "$figures" ] || {
	echo "board: latency: $console has no line BOARD FIGURE NAME P50 P99 MAX MEAN" >&2
	exit 1
}
if [ $update = 1 ]; then
	# The head says what the figures are; it is the file's own.
	head=$(sed -n '/^#/p' "$expected")
	printf '%s\n%s\n%s\n' "$head" "$(cat "$pins")" "$figures" >"$expected.new"
	mv "$expected.new" "$expected"
	echo "board: latency: wrote $expected; say in the commit why the figures have changed"
	exit 0
fi
differing=$(grep -E '^(kernel|emulator|compiler|libc) ' "$expected" | while read -r what sum name; do
	grep -q "^$what $sum " "$pins" || echo "$what (expected $name, is $(sed -n "s/^$what [0-9a-f]* //p" "$pins"))"
done)
[ -z "$differing" ] || {
	echo "SKIPPED: board: latency: the figures of tests/board/expected-latency hold for another $(echo "$differing" | tr '\n' ' ')"
	exit 77
}
printf '%s\n' "$figures" | awk -v expected="$expected" '
	BEGIN {
		while ((getline line < expected) > 0)
			if (split(line, word, " ") == 6 && word[1] == "figure") {
				wanted[word[2]] = line
				count++
			}
		printf "%-18s %10s %10s %10s %10s   %s\n", "ns of guest time", "p50", "p99", "max", "mean", "against tests/board/expected-latency"
	}
	{
		said = "new: add it with --update"
		bad = !($2 in wanted)
		if (!bad) {
			split(wanted[$2], word, " ")
			said = "as expected"
			for (i = 3; i <= 6; i++) {
				if ($i > word[i] * (i == 5 && $2 == "chain" ? 1.10 : 1.02)) { said = said_long(word); bad = 1 }
				else if (!bad && $i != word[i]) said = sprintf("within bounds, or shorter: was %s", old(word))
			}
			delete wanted[$2]
		}
		failed += bad
		printf "%-18s %10d %10d %10d %10d   %s\n", $2, $3, $4, $5, $6, said
	}
	function old(word) { return sprintf("%d %d %d %d", word[3], word[4], word[5], word[6]) }
	function said_long(word) { return "MORE THAN 2 % LONGER (max of the chain: 10 %): was " old(word) }
	END {
		for (name in wanted) { printf "%-18s is missing\n", name; failed++ }
		print "(the length of the path in instructions, as time of 8 ns each; not the latency of any hardware)"
		exit failed != 0 || count == 0
	}'
