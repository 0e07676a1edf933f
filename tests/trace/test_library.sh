#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# libbabeltrace2 is taken in by what reads a trace and by nothing else; where it is missing, or another one, that is said, with what to do.
# usage: test_library.sh TAKT
set -u
takt=$(realpath "${1:?usage: test_library.sh TAKT}")
data=$(dirname "$(realpath "$0")")/data
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
	echo "trace: $*" >&2
	exit 1
}
tar -xzf "$data/aarch64.tar.gz" -C "$work" || fail "the AArch64 trace cannot be unpacked"
mkdir "$work/none" "$work/other"
echo 'no library' >"$work/none/libbabeltrace2.so.0"
other=$(ldd "$takt" | sed -n 's/.*libjansson[^ ]* => \([^ ]*\) .*/\1/p')
[ -n "$other" ] || fail "takt is not linked to the library that stands for another one"
cp "$other" "$work/other/libbabeltrace2.so.0"

# It starts, and does all else, without it.
LD_LIBRARY_PATH=$work/none timeout 20 "$takt" --version >"$work/out" || fail "takt does not start without libbabeltrace2"
ldd "$takt" | grep -E 'babeltrace|glib' && fail "takt is linked to it"

count=0
for command in "report $work" "report $work --speed" "plot $work --output $work/pictures" "export $work --output $work/timeline.json"; do
	# shellcheck disable=SC2086
	LD_LIBRARY_PATH=$work/none timeout 20 "$takt" trace $command >"$work/out" 2>"$work/err"
	code=$?
	[ $code -eq 1 ] || fail "trace $command without the library ends with $code: $(cat "$work/err")"
	grep -q 'libbabeltrace2.so.0.*install it with: apt-get install libbabeltrace2-0' "$work/err" ||
		fail "trace $command does not say what is missing: $(cat "$work/err")"
	[ "$(wc -l <"$work/err")" -le 2 ] && [ ! -s "$work/out" ] || fail "trace $command says more: $(cat "$work/err" "$work/out")"
	# shellcheck disable=SC2086
	LD_LIBRARY_PATH=$work/other timeout 20 "$takt" trace $command >"$work/out" 2>"$work/err"
	code=$?
	[ $code -eq 1 ] || fail "trace $command with another library ends with $code: $(cat "$work/err")"
	grep -q 'libbabeltrace2.so.0 has no bt_[a-z_]*: takt needs babeltrace 2.0' "$work/err" ||
		fail "trace $command takes another library for it: $(cat "$work/err")"
	[ ! -e "$work/pictures" ] && [ ! -e "$work/timeline.json" ] || fail "trace $command has written something"
	count=$((count + 1))
done
timeout 60 "$takt" trace report "$work" >"$work/out" 2>"$work/err" || fail "with it there is no report: $(cat "$work/err")"
echo "trace: $count commands say that libbabeltrace2 is missing; nothing else needs it"
