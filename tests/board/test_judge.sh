#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What judges an emulated board must not be deceived: consoles of boards that failed in every way, and figures that grew.
# usage: test_judge.sh
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
passed=0
# expect WHAT STATUS TEXT COMMAND...: its exit status, and a part of what it says
expect() {
	local what=$1 status=$2 text=$3
	shift 3
	"$@" >"$work/said" 2>&1
	local found=$?
	if [ $found = "$status" ] && { [ -z "$text" ] || grep -qF -- "$text" "$work/said"; }; then
		passed=$((passed + 1))
	else
		echo "FAILED: $what: exit $found, expected $status and '$text'; said:" >&2
		sed 's/^/    /' "$work/said" >&2
		failed=$((failed + 1))
	fi
}
judge() { # RESULT, console from standard input
	cat >"$work/console"
	"$root/toolchain/board-judge.sh" "$work/console" "$1"
}
good='BOARD BEGIN Linux 6.1 aarch64
BOARD PASS one
BOARD SKIP two: no camera
BOARD END passed=1 failed=0 skipped=1'
expect "a good board passes" 0 "1 passed, 1 skipped" judge 0 <<<"$good"
expect "an empty console" 1 "has said nothing" judge 0 </dev/null
expect "a panic" 1 "kernel panicked" judge 0 <<<"BOARD BEGIN x
[    2.1] Kernel panic - not syncing: Attempted to kill init!"
expect "a panic behind the end" 1 "kernel panicked" judge 0 <<<"$good
Kernel panic - not syncing"
expect "a hang" 1 "the board hung" judge 124 <<<"BOARD BEGIN x
BOARD PASS one"
expect "an end too early" 1 "ended before its last line" judge 0 <<<"BOARD BEGIN x
BOARD PASS one"
expect "a failed check" 1 "BOARD FAIL two: exit 1" judge 0 <<<"BOARD BEGIN x
BOARD PASS one
BOARD FAIL two: exit 1
BOARD END passed=1 failed=1 skipped=0"
expect "a failed check that is not counted" 1 "its last line says" judge 0 <<<"BOARD BEGIN x
BOARD PASS one
BOARD FAIL two
BOARD END passed=1 failed=0 skipped=0"
expect "a lost line" 1 "its last line says" judge 0 <<<"BOARD BEGIN x
BOARD PASS one
BOARD END passed=2 failed=0 skipped=0"
expect "a malformed end" 1 "malformed" judge 0 <<<"BOARD BEGIN x
BOARD PASS one
BOARD END passed=1 failed= skipped=0"
expect "nothing checked" 1 "nothing was checked" judge 0 <<<"BOARD BEGIN x
BOARD END passed=0 failed=0 skipped=0"
expect "a board that began twice" 1 "began 2 times" judge 0 <<<"BOARD BEGIN x
$good"
expect "no power-off" 1 "did not power off" judge 1 <<<"$good"

# Figures.
pins='kernel 1111 linux-image-x.deb
emulator 2222 QEMU 7
compiler 3333 gcc 12
libc 4444 libc'
printf '# head\n%s\nfigure wake_up 1000 2000 3000 1500\nfigure chain 5000 6000 7000 5500\n' "$pins" >"$work/expected"
printf '%s\n' "$pins" >"$work/pins"
latency() { # MORE ARGUMENTS, console from standard input
	cat >"$work/console"
	"$root/toolchain/board-latency.sh" "$work/console" "$work/pins" "$work/expected" "$@"
}
expect "the same figures" 0 "as expected" latency <<<'BOARD FIGURE wake_up 1000 2000 3000 1500
BOARD FIGURE chain 5000 6000 7000 5500'
expect "2 % more, max of the chain 10 %" 0 "within bounds" latency <<<'BOARD FIGURE wake_up 1020 2040 3060 1530
BOARD FIGURE chain 5000 6000 7700 5500'
for longer in '1021 2000 3000 1500' '1000 2041 3000 1500' '1000 2000 3061 1500' '1000 2000 3000 1531'; do
	expect "more than its bound: $longer" 1 "MORE THAN 2 % LONGER (max of the chain: 10 %): was 1000 2000 3000 1500" latency <<<"BOARD FIGURE wake_up $longer
BOARD FIGURE chain 5000 6000 7000 5500"
done
expect "the chain's max too" 1 "MORE THAN 2 % LONGER (max of the chain: 10 %): was 5000 6000 7000 5500" latency <<<'BOARD FIGURE wake_up 1000 2000 3000 1500
BOARD FIGURE chain 5000 6000 7701 5500'
expect "shorter" 0 "or shorter" latency <<<'BOARD FIGURE wake_up 900 2000 3000 1500
BOARD FIGURE chain 5000 6000 7000 5500'
expect "a missing figure" 1 "chain              is missing" latency <<<'BOARD FIGURE wake_up 1000 2000 3000 1500'
expect "a new figure" 1 "add it with --update" latency <<<'BOARD FIGURE wake_up 1000 2000 3000 1500
BOARD FIGURE chain 5000 6000 7000 5500
BOARD FIGURE other 1 2 3 4'
expect "no figures" 1 "has no line BOARD FIGURE" latency <<<'BOARD PASS one'
expect "a malformed figure is none" 1 "wake_up            is missing" latency <<<'BOARD FIGURE wake_up 1000 2000 3000
BOARD FIGURE chain 5000 6000 7000 5500'
for what in kernel emulator compiler libc; do
	printf '%s\n' "$pins" | sed "s/^$what [0-9]*/$what 9999/" >"$work/pins"
	expect "another $what" 77 "SKIPPED: board: latency: the figures of tests/board/expected-latency hold for another $what" \
		latency <<<'BOARD FIGURE wake_up 9000 2000 3000 1500'
done
printf '%s\n' "$pins" >"$work/pins"
expect "--update" 0 "wrote" latency --update <<<'BOARD FIGURE wake_up 9 9 9 9'
expect "the file keeps its head and pins, and has the new figures" 0 "" diff "$work/expected" <(printf '# head\n%s\nfigure wake_up 9 9 9 9\n' "$pins")

# Command lines.
expect "an unknown architecture" 2 "unknown architecture 'riscv64'; usage:" "$root/toolchain/board.sh" riscv64
expect "no architecture" 2 "unknown architecture ''; usage:" "$root/toolchain/board.sh"
expect "an unknown argument" 2 "unknown argument '--fast'; usage:" "$root/toolchain/board.sh" aarch64 --fast
expect "--update of another board" 2 "--update needs aarch64 --rt --virtual-time" "$root/toolchain/board.sh" armhf --update
expect "the kernel of an unknown architecture" 2 "unknown architecture 'mips'" "$root/toolchain/board-kernel.sh" mips
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
