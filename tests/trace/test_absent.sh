#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where LTTng or takt's library for it is not to be had, a node does its work, and says so only to whom asks for tracing.
# usage: test_absent.sh BIN_FOLDER NODE_PROGRAM LIBRARY
set -u
bin=$(realpath "${1:?usage: test_absent.sh BIN_FOLDER NODE_PROGRAM LIBRARY}")
program=$(realpath "${2:?a node program is missing}")
library=$(realpath "${3:?libtakt-lttng is missing}")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d /dev/shm/takt-trace-XXXXXX)
trap 'rm -rf "$work"' EXIT
export TAKT_SHM_FOLDER=$work/shm TAKT_CONFIG=$here/domain.yaml LTTNG_UST_REGISTER_TIMEOUT=0
mkdir "$work/shm" "$work/bin" "$work/lib" "$work/none"

fail() {
	echo "trace: $*" >&2
	exit 1
}
# run WHAT: the two nodes, to their ends; what they say is in $work/said, what source mapped in $work/maps.
run() {
	rm -rf "$work/shm" && mkdir "$work/shm"
	# Made here: the shell of the background opens it in its own time, and until then the last run's "ready" would be read.
	: >"$work/sink"
	TAKT_NODE=sink timeout 60 "$work/bin/traced" >"$work/sink" 2>"$work/said" &
	local sink=$! end=$((SECONDS + 30))
	until grep -q ready "$work/sink"; do
		[ $SECONDS -lt $end ] || fail "$1: sink is not ready after 30 s"
		sleep 0.02
	done
	# It has said that it is ready, so it is timeout's only child. Not in every kernel is there a list of children.
	local child
	child=$(pgrep -P "$sink") || fail "$1: sink is not there"
	cat "/proc/$child/maps" >"$work/maps"
	TAKT_NODE=source timeout 60 "$work/bin/traced" 2>>"$work/said" || fail "$1: source ended with $?: $(cat "$work/said")"
	wait $sink || fail "$1: sink ended with $?: $(cat "$work/said")"
	"$bin/takt" node info sink -d traced --format json | grep -q '"got": 400' || fail "$1: sink has not got 400 samples"
}
maps() { grep -q "$1" "$work/maps"; }

# A program in a folder beside which there is no lib: the library is not found.
cp "$program" "$work/bin/traced"
run 'no library'
maps libtakt-lttng && fail "the library was found where it is not"
grep -q TAKT_TRACE "$work/said" && fail "said without being asked: $(cat "$work/said")"
TAKT_TRACE=on run 'no library, asked for'
[ "$(grep -c 'TAKT_TRACE=on asks for tracing, and libtakt-lttng.so.0 cannot be loaded' "$work/said")" -eq 2 ] ||
	fail "not said once by each: $(cat "$work/said")"

# The library, and one that it needs is a file of no library: as where LTTng is damaged or of another machine.
cp "$library" "$work/lib/libtakt-lttng.so.0"
echo 'no library' >"$work/none/liblttng-ust.so.1"
export LD_LIBRARY_PATH=$work/none
TAKT_TRACE=on run 'no LTTng'
unset LD_LIBRARY_PATH
maps liblttng-ust.so && fail "LTTng was found where it is not"
grep -q 'liblttng-ust.so.1' "$work/said" || fail "what is missing is not named: $(cat "$work/said")"

# And it is there, and switched off.
TAKT_TRACE=off run 'off'
maps libtakt-lttng && fail "TAKT_TRACE=off loads the library"
run 'present'
maps libtakt-lttng || fail "the library beside the program is not loaded"
[ -s "$work/said" ] && fail "said something: $(cat "$work/said")"
# The process is not the poorer: threads of ordinary priority with small stacks.
echo "trace: a node works without libtakt-lttng, without LTTng, with both off, and with both"
