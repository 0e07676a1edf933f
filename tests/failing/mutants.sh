#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Breaks takt on purpose and requires that `failing` notices. usage: mutants.sh SOURCE_FOLDER LIBTAKT LIBPARTS OBJECTS LINK_OPTIONS
# A mutant says which file it changes, and which failure in which scenario shows it.
source=${1:?"usage: mutants.sh SOURCE_FOLDER LIBTAKT LIBPARTS OBJECTS LINK_OPTIONS"}
library=${2:?}
parts=${3:?}
objects=$(printf '%s' "${4:?}" | tr ';' ' ')
link_options=$(printf '%s' "${5:?}" | tr ';' ' ')
here=$(dirname "$0")
. "$here/../mutants.sh"
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr jansson)

catch() {
	compile -std=c11 -O2 -g -fPIC || return 1
	# shellcheck disable=SC2086
	"${CC:-cc}" -o "$work/$name" $objects $built "$parts" "$library" $libraries -lm -lrt -pthread $link_options || return 1
	timeout 120 "$work/$name" --stop-early --only "$(field scenario)" --function "$(field function)" >"$work/$name.log" 2>&1
	judge $? '^  '
}

try_mutants "$(nproc)" "$here"/mutants/*.sed
