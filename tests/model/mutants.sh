#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Weakens takt's memory orders, one a time, and requires that the model which core/README.md names finds it.
# usage: mutants.sh SOURCE_FOLDER CHECKER_OBJECT [MUTANT...]
# A mutant says what is lost, which file it changes, which tag it weakens and which model fails. One that says "harmless" weakens an order
# that another one implies, and must pass. The checker is built once, the model anew for each mutant, with the changed file in front.
source=${1:?"usage: mutants.sh SOURCE_FOLDER CHECKER_OBJECT [MUTANT...]"}
checker=${2:?}
shift 2
here=$(dirname "$0")
. "$here/../mutants.sh"
rounds=${TAKT_MODEL_ROUNDS:-400000}

# run ROUNDS: the model, its answer in the log.
run() {
	timeout 60 "$work/$name.run" --rounds "$1" >"$work/$name.log" 2>&1
}

catch() {
	"${CC:-cc}" -std=c11 -O1 -w -DMODEL_CHECKED -D_Atomic= -I"$here/checker/include" -I"$tree" -I"$source" \
		-c "$here/$(field model).c" -o "$work/$name.o" && "${CXX:-c++}" "$work/$name.o" "$checker" -o "$work/$name.run" || return 1
	harmless=$(field harmless)
	if [ -z "$harmless" ]; then
		run "$rounds"
		judge $? .
	elif run $((rounds / 20)); then
		printf 'harmless %-30s %s\n' "$name" "$harmless"
	else
		echo "mutants: $name is said to be harmless: $(tail -1 "$work/$name.log")"
		return 1
	fi
}

[ $# -gt 0 ] || set -- "$here"/mutants/*.sed
try_mutants "$(nproc)" "$@"
