#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How far the figures of tests/board/expected-latency move when the memory disk of the board changes and takt does not: boots it with files
# and kernel modules that nobody uses, which shifts everything that happens behind them, and prints the spread of each figure. Some minutes;
# run it by hand when the measuring changes. usage: tests/board/spread.sh
# exit: 0 none moves by more than 1.5 % (board.sh bears 2 %), the chain's max 10 %, 1 one does, or a board failed
set -eu
cd "$(dirname "$0")/../.."
[ $# = 0 ] || {
	echo "usage: tests/board/spread.sh" >&2
	exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# variation NAME: boots it with what is in $work/add
variation() {
	echo "spread: $1" >&2
	rm -f build/board/aarch64-rt-latency.console
	# What the figures are held against is not the question here.
	TAKT_BOARD_ADD=$work/add TAKT_BOARD_PARTS=latency toolchain/board.sh aarch64 --rt --virtual-time >"$work/log" 2>&1 || true
	grep -q '^BOARD END .* failed=0 ' build/board/aarch64-rt-latency.console || {
		tail -20 "$work/log" >&2
		exit 1
	}
	sed -n 's/^BOARD FIGURE //p' build/board/aarch64-rt-latency.console >>"$work/figures"
	rm -rf "$work/add"
	mkdir "$work/add"
}
mkdir "$work/add"
variation "as it is"
for bytes in 1024 37000 102400; do
	head -c $bytes /dev/urandom >"$work/add/unused"
	variation "$bytes bytes more"
done
mkdir -p "$work/add/lib/modules"
for module in hid uhid; do
	find build/board/aarch64-rt/kernel/lib/modules -name $module.ko -exec cp {} "$work/add/lib/modules" \;
	echo $module >>"$work/add/lib/modules/order"
done
variation "two kernel modules more"
awk 'BEGIN { split("- p50 p99 max mean", title, " ") }
	{ for (i = 2; i <= NF; i++) {
		if (!(($1, i) in least) || $i < least[$1, i]) least[$1, i] = $i
		if ($i > most[$1, i]) most[$1, i] = $i }
	  if (!count[$1]++) order[++names] = $1 }
	END {
		for (n = 1; n <= names; n++) {
			printf "%-16s", order[n]
			for (i = 2; i <= 5; i++) {
				percent = (most[order[n], i] / least[order[n], i] - 1) * 100
				printf "  %s %d to %d (%.2f %%)", title[i], least[order[n], i], most[order[n], i], percent
				if (percent > (i == 4 && order[n] == "chain" ? 10 : 1.5)) bad++
			}
			print ""
		}
		exit bad != 0 || names == 0
	}' "$work/figures"
