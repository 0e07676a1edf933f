#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Breaks the reading, analysis, pictures and timelines of traces on purpose and requires that their unit tests notice.
# usage: mutants.sh SOURCE_FOLDER LIBTAKT LIBPARTS
# A mutant says which file it changes, and which test of tests/unit/apps/test_takt_trace_*.c shows it.
source=${1:?"usage: mutants.sh SOURCE_FOLDER LIBTAKT LIBPARTS"}
library=${2:?}
parts=${3:?}
here=$(dirname "$0")
. "$here/../mutants.sh"
libraries=$(pkg-config --libs cmocka libcyaml yaml-0.1 liburcu-qsbr jansson)

# The tests themselves are no mutants: compiled once.
for test in analysis packets series tracks perfetto deaths; do
	"${CC:-cc}" -w -std=c11 -D_GNU_SOURCE -O1 -I"$source" -c "$source/tests/unit/apps/test_takt_trace_$test.c" -o "$work/test_$test.o" || exit 2
done

# The changed object stands before the library that has the unchanged one.
catch() {
	compile -std=c11 -O1 || return 1
	# shellcheck disable=SC2086
	"${CC:-cc}" -o "$work/$name" "$work/test_$(field test).o" $built "$parts" "$library" $libraries -lm -lrt -pthread || return 1
	# What a test that fails leaves goes with the rest.
	TMPDIR=$work timeout 60 "$work/$name" >"$work/$name.log" 2>&1
	result=$?
	# cmocka ends with how many have failed.
	[ $result -gt 1 ] && [ $result -lt 100 ] && result=1
	judge $result "^\\[  FAILED  \\] [a-z]"
}

try_mutants "$(nproc)" "$here"/mutants/*.sed
