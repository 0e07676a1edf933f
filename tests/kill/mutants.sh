#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Breaks takt on purpose and requires that kill_every notices. usage: mutants.sh SOURCE_FOLDER LIBTAKT OBJECTS
# A mutant says which file it changes and which scenario it fails.
# One of the mutants that one would look for is not here. A missing fence on the wake-up: stepped processes run one at a time and in
# order, so no kill shows it; the model of the wait protocol must.
source=${1:?"usage: mutants.sh SOURCE_FOLDER LIBTAKT OBJECTS"}
library=${2:?}
objects=$(printf '%s' "${3:?}" | tr ';' ' ')
options=${KILL_LINK_OPTIONS:?"the link options of kill_every (tests/kill/CMakeLists.txt)"}
here=$(dirname "$0")
. "$here/../mutants.sh"
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr)

# build NAME OBJECT...: the harness with some of takt's objects put before those of the library.
build() {
	program=$work/$1
	shift
	# shellcheck disable=SC2086
	"${CC:-cc}" -o "$program" $objects "$@" "$library" $libraries -lm -pthread $options
}

catch() {
	# shellcheck disable=SC2086
	compile -std=c11 -O2 -g -fPIC && build "$name" $built || return 1
	"$work/$name" --parts 1 --stop-early --offset 0 --only "$(field scenario)" >"$work/$name.log" 2>&1
	result=$?
	[ $result != 77 ] || return 77
	judge $result FAILED
}

# Nothing is caught by a harness that always fails.
build unbroken || exit 2
for scenario in "publish, fresh ring" "abandon" "unlock, another waits" "leave"; do
	"$work/unbroken" --parts 1 --stop-early --offset 0 --only "$scenario" >"$work/unbroken.log" 2>&1
	result=$?
	[ "$result" != 77 ] || { cat "$work/unbroken.log"; exit 77; }
	[ "$result" = 0 ] || { echo "mutants: the unbroken one fails $scenario:" >&2; tail -5 "$work/unbroken.log" >&2; exit 2; }
done
try_mutants "$(nproc)" "$here"/mutants/*.sed
