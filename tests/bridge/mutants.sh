#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Takes a bridge's care away, one piece a time, and requires that its tests notice.
# usage: mutants.sh SOURCE_FOLDER LIBTAKT TAKT_PARTS OBJECTS_OF_TAKT FOLDER_OF_TICKER FOLDER_OF_LEGACY
# A mutant says which file it changes, and which test and case of it fails.
source=${1:?"see the usage in this file"}
library=${2:?}
parts=${3:?}
takt=$(printf '%s' "${4:?}" | tr ';' ' ')
nodes=${5:?}
legacy=${6:?}
here=$(dirname "$0")
. "$here/../mutants.sh"
# The command reads traces where the machine has the library for it.
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr jansson && pkg-config --libs babeltrace2 2>/dev/null)

catch() {
	mkdir "$work/$name" && compile -std=gnu11 -O1 -fPIC || return 1
	# shellcheck disable=SC2086
	"${CC:-cc}" -o "$work/$name/takt" $takt $built "$parts" "$library" $libraries -lm -lrt -pthread || return 1
	BRIDGE_STOP_EARLY=1 "$here/test_$(field test).sh" "$work/$name" "$nodes" "$legacy" "$(field case)" >"$work/$name.log" 2>&1
	result=$?
	[ $result != 77 ] || return 77
	judge $result '^FAILED'
}

# They mostly wait: for what a broken bridge never does.
try_mutants $((2 * $(nproc))) "$here"/mutants/*.sed
