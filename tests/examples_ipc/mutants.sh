#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Takes a guard or a clean end from one example a time, and requires that its test notices.
# usage: mutants.sh SOURCE_FOLDER LIBTAKT INCLUDE_FOLDER FOLDER-OF-PROGRAMS
# A mutant says which file it changes, which part of the test must notice, and what that says.
source=${1:?"see the usage in this file"}
library=${2:?}
include=${3:?}
programs=${4:?}
here=$(dirname "$0")
. "$here/../mutants.sh"
examples=$source/apps/examples/ipc
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr)

catch() {
	mkdir "$work/$name" && ln -s "$programs"/* "$work/$name" || return 1
	compile -std=c11 -O2 -D_GNU_SOURCE -I"$examples" -I"$include" || return 1
	program=$work/$name/ipc_$(basename "$file" .c)
	rm "$program" || return 1
	# shellcheck disable=SC2086
	"${CC:-cc}" -o "$program" $built "$library" $libraries -lm -lrt -pthread || return 1
	timeout 180 "$here/test_examples.sh" "$work/$name" "$examples" "$(field part)" >"$work/$name.log" 2>&1
	result=$?
	[ $result != 77 ] || return 77
	judge $result "^FAILED: .*($(field says))"
}

try_mutants "$(nproc)" "$here"/mutants/*.sed
