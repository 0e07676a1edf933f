#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Breaks takt on purpose and requires that a schedule shows it. usage: mutants.sh SOURCE_FOLDER
# A mutant says which file it changes, which scenario fails and with which bound.
# Only mutants that sequential consistency shows are here: a missing fence is for the model checkers.
source=${1:?"usage: mutants.sh SOURCE_FOLDER"}
here=$(dirname "$0")
. "$here/../mutants.sh"

# The units that a change of a file changes: itself, those that include it, and those that include one of these.
units_of_unit() {
	(
		cd "$source" || exit 2
		first="$file $(grep -lF "#include \"$file\"" core/*.c tests/schedule/*.c)"
		echo "$first"
		for unit in $first; do
			grep -lF "#include \"$unit\"" tests/schedule/*.c
		done
	)
}

# The harness includes sources of core, so it is built of a whole tree; what the mutant does not change is not compiled again.
catch() {
	mkdir "$work/$name" && cp -r "$work/whole_tree" "$work/$name/tree" && cp -r "$work/objects" "$work/$name/objects" || return 2
	cp "$tree/$file" "$work/$name/tree/$file"
	for unit in $(units_of_unit); do
		rm -f "$work/$name/objects/$(echo "$unit" | tr / _).o"
	done
	OBJECTS=$work/$name/objects "$here/build.sh" "$work/$name/tree" "$work/$name/run" || return 1
	"$work/$name/run" --only "$(field scenario)" --bound "$(field bound)" >"$work/$name.log" 2>&1
	judge $? FAILED
}

mkdir -p "$work/whole_tree/tests" "$work/objects" && cp -r "$source/core" "$source/platform" "$work/whole_tree" &&
	cp -r "$here" "$work/whole_tree/tests/schedule" &&
	OBJECTS=$work/objects "$here/build.sh" "$work/whole_tree" "$work/whole" || exit 2
try_mutants "$(nproc)" "$here"/mutants/*.sed
