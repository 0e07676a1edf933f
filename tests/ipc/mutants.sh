#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Takes takt ipc's care away, one piece a time, and requires that its test notices.
# usage: mutants.sh SOURCE_FOLDER LIBTAKT TAKT_PARTS OBJECTS_OF_TAKT FOLDER-OF-PROGRAMS
# A mutant says which file it changes and what the test must say; the test ends with its first failure.
source=${1:?"see the usage in this file"}
library=${2:?}
parts=${3:?}
takt=$(printf '%s' "${4:?}" | tr ';' ' ')
programs=${5:?}
here=$(dirname "$0")
[ "$(id -u)" = 0 ] || { echo "mutants: skipped: not root, so there is no IPC namespace of the test's own"; exit 77; }
. "$here/../mutants.sh"
# The command reads traces where the machine has the library for it.
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr jansson && pkg-config --libs babeltrace2 2>/dev/null)

catch() {
	mkdir "$work/$name" && compile -std=c11 -O1 -fPIC || return 1
	# shellcheck disable=SC2086
	"${CC:-cc}" -o "$work/$name/takt" $takt $built "$parts" "$library" $libraries -lm -lrt -pthread || return 1
	TAKT_IPC_STOP_EARLY=1 timeout 180 "$here/test_remove.sh" "$work/$name" "$programs" >"$work/$name.log" 2>&1
	result=$?
	[ $result != 77 ] || return 77
	judge $result "^FAILED: .*($(field says))"
}

try_mutants "$(nproc)" "$here"/mutants/*.sed
