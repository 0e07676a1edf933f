#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes takt believe what it must not and requires that hostile, or hostile_toolbox, notices.
# usage: mutants.sh SOURCE_FOLDER LIBTAKT OBJECTS_OF_HOSTILE OBJECTS_OF_TOOLBOX
# A mutant says which file it changes, and which part of hostile, or the toolbox with which arguments, it fails.
source=${1:?"see the usage in this file"}
library=${2:?}
hostile=$(printf '%s' "${3:?}" | tr ';' ' ')
toolbox=$(printf '%s' "${4:?}" | tr ';' ' ')
here=$(dirname "$0")
. "$here/../mutants.sh"
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr)

catch() {
	# A stack or buffer that is overrun ends the process here too, without a sanitizer.
	compile -std=c11 -O2 -g -fPIC -fstack-protector-all -D_FORTIFY_SOURCE=2 || return 1
	objects=$hostile
	arguments="--seconds 0 --cuts 0 --seed 7 $(field part)"
	if [ -n "$(field toolbox)" ]; then
		objects=$toolbox
		arguments="--seed 7 $(field toolbox)"
	fi
	# shellcheck disable=SC2086
	"${CC:-cc}" -o "$work/$name" $objects $built "$library" $libraries -lm -pthread -Wl,--wrap=mmap64 -Wl,--wrap=munmap || return 1
	# shellcheck disable=SC2086
	"$work/$name" $arguments >"$work/$name.log" 2>&1
	judge $? FAILED
}

# One at a time: its calls have bounds, which a second one beside it would stretch.
try_mutants 1 "$here"/mutants/*.sed
