#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Takes takt's care away, one piece a time, and requires that the test of rights notices.
# usage: mutants.sh SOURCE_FOLDER LIBTAKT TAKT_PARTS OBJECTS_OF_RIGHTS OBJECTS_OF_TAKT OBJECTS_OF_TICKER OBJECTS_OF_TOCKER
# A mutant says which file it changes and which case it fails.
source=${1:?"see the usage in this file"}
library=${2:?}
parts=${3:?}
rights=$(printf '%s' "${4:?}" | tr ';' ' ')
takt=$(printf '%s' "${5:?}" | tr ';' ' ')
ticker=$(printf '%s' "${6:?}" | tr ';' ' ')
tocker=$(printf '%s' "${7:?}" | tr ';' ' ')
here=$(dirname "$0")
[ "$(id -u)" = 0 ] || { echo "mutants: skipped: not root, so nobody can become other users"; exit 77; }
. "$here/../mutants.sh"
# The command reads traces where the machine has the library for it.
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr jansson && pkg-config --libs babeltrace2 2>/dev/null)

# build PROGRAM OBJECTS: with the mutant before the library's own.
build() {
	# shellcheck disable=SC2086
	"${CC:-cc}" -o "$work/$name/$1" $2 $built "$library" $libraries -lm -lrt -pthread
}

catch() {
	mkdir "$work/$name" && compile -std=c11 -O1 -fPIC && build rights "$rights" && build takt "$takt $parts" &&
		build ticker "$ticker" && build tocker "$tocker" || return 1
	"$work/$name/rights" --takt "$work/$name" --nodes "$work/$name" --root sticky --stop-early --only "$(field case)" \
		>"$work/$name.log" 2>&1
	result=$?
	[ $result != 77 ] || return 77
	judge $result '^FAILED'
}

# One at a time: they use the same names for users and folders.
try_mutants 1 "$here"/mutants/*.sed
