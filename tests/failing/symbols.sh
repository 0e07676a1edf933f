#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every function that libtakt.a takes from outside stands in functions.txt, and nothing else does. usage: symbols.sh LIBTAKT
library=${1:?"usage: symbols.sh LIBTAKT"}
list=$(dirname "$0")/functions.txt
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0

nm "$library" >"$work/nm" 2>/dev/null || { echo "symbols: nm cannot read $library" >&2; exit 2; }
awk 'NF == 2 && $1 == "U" { print $2 }' "$work/nm" | sort -u >"$work/used"
awk 'NF == 3 && $2 ~ /[A-TV-Z]/ { print $3 }' "$work/nm" | sort -u >"$work/defined"
comm -23 "$work/used" "$work/defined" >"$work/outside"
sed -n 's/^odd //; s/^\(wrap\|carrier\|never\) \([^ ]*\).*/\2/p' "$list" | sort -u >"$work/listed"
sed -n 's/^odd //; s/^status \([^ ]*\).*/\1/p' "$list" | sort -u >"$work/platform"

# What a compiler calls or writes out, as it sees fit.
sed -n 's/^compiler \([^ ]*\).*/\1/p' "$list" | sort -u >"$work/free"
comm -23 "$work/outside" "$work/free" >"$work/certain"

for symbol in $(comm -23 "$work/certain" "$work/listed"); do
	echo "symbols: takt calls $symbol, which tests/failing/functions.txt does not list: say there how it may fail" >&2
	failed=1
done
for symbol in $(comm -13 "$work/certain" "$work/listed"); do
	echo "symbols: tests/failing/functions.txt lists $symbol, which takt does not call: take it out" >&2
	failed=1
done
for symbol in $(comm -23 "$work/platform" "$work/defined"); do
	echo "symbols: tests/failing/functions.txt lists $symbol, which is no function of the platform" >&2
	failed=1
done
# "never" with a reason, the others with an error at least.
bad=$(grep -E '^(odd )?(wrap|call|status|never|compiler) [^ ]+ *$' "$list")
[ -n "$bad" ] && { echo "symbols: neither an error nor a reason: $bad" >&2; failed=1; }
[ "$failed" = 0 ] && echo "symbols: $(wc -l <"$work/outside") functions from outside, $(grep -cE '^(odd )?wrap' "$list") of them fail"
exit $failed
