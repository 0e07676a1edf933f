#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Breaks takt on purpose and requires that a unit test notices. usage: mutants.sh SOURCE_FOLDER LIBTAKT [MUTANT...]
# A mutant says which file it changes, which test (LAYER/NAME) finds it, and in which of its cases: as a failure, or, where a wake-up is what
# is lost, by never coming out of it.
source=${1:?"usage: mutants.sh SOURCE_FOLDER LIBTAKT [MUTANT...]"}
library=${2:?}
shift 2
here=$(dirname "$0")
. "$here/../mutants.sh"
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr cmocka)

build() {
	program=$work/$1
	test=$2
	shift 2
	# shellcheck disable=SC2086
	"${CC:-cc}" -std=c11 -O2 -w -D_GNU_SOURCE -DTAKT_SOURCE_DIR="\"$source\"" -DTAKT_BINARY_DIR="\"$work\"" -I"$source" -o "$program" \
		"$source/tests/unit/${test%/*}/test_${test#*/}.c" "$@" "$library" $libraries -lm -pthread
}

# The log, with FAILED for a case that did not end.
run() {
	timeout -s KILL 20 stdbuf -oL -eL "$work/$name" >"$work/$name.log" 2>&1
	result=$?
	[ $result = 0 ] && return 0
	[ $result != 137 ] || sed -n '/RUN /h; ${x; s/RUN/FAILED/p}' "$work/$name.log" >>"$work/$name.log"
	return 1
}

catch() {
	# shellcheck disable=SC2086
	compile -std=c11 -O2 -g -fPIC -D_GNU_SOURCE && build "$name" "$(field test)" $built || return 1
	run
	judge $? "FAILED.*($(field says))"
}

[ $# -gt 0 ] || set -- "$here"/mutants/*.sed
# Nothing is caught by a test that always fails.
for test in $(sed -n 's/^# test: //p' "$@" | sort -u); do
	name=unbroken
	build "$name" "$test" && run || { echo "mutants: the unbroken $test fails:" >&2; tail -5 "$work/$name.log" >&2; exit 2; }
done
try_mutants "$(nproc)" "$@"
