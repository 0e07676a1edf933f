#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Breaks takt on purpose and requires that a process test notices.
# usage: mutants.sh FOLDER SOURCE_FOLDER LIBTAKT OBJECTS [LINK_OPTION...]
# A mutant in FOLDER/mutants says which file it changes, the arguments of the test, and what the test must say: a mutant that fails for
# another reason is not caught.
folder=${1:?"usage: mutants.sh FOLDER SOURCE_FOLDER LIBTAKT OBJECTS [LINK_OPTION...]"}
source=${2:?}
library=${3:?}
objects=$(printf '%s' "${4:?}" | tr ';' ' ')
shift 4
link_options=$*
. "$(dirname "$0")/../mutants.sh"
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr)

catch() {
	compile -std=c11 -O2 -g -fPIC -D_GNU_SOURCE || return 1
	# shellcheck disable=SC2086
	"${CC:-cc}" -o "$work/$name" $objects $built "$library" $libraries -lm -pthread $link_options || return 1
	# shellcheck disable=SC2046
	timeout -s KILL 60 "$work/$name" $(field arguments) >"$work/$name.log" 2>&1
	judge $? "(FAILED|first): .*($(field says))"
}

# One at a time: each of them loads the machine as far as it goes.
try_mutants 1 "$folder"/mutants/*.sed
