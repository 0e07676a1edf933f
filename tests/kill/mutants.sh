#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Breaks takt on purpose, one way a time, and requires that kill_every notices. usage: mutants.sh SOURCE_FOLDER LIBTAKT OBJECTS
# A mutant is a sed script in mutants/; its first lines say which file it changes and which scenario it fails.
# Not here: a missing fence on the wake-up. x86 and single steps cannot show it; model checking is for that.
source=${1:?"usage: mutants.sh SOURCE_FOLDER LIBTAKT OBJECTS"}
library=${2:?}
objects=$(printf '%s' "${3:?}" | tr ';' ' ')
here=$(dirname "$0")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr)
failed=0
count=0

field() { sed -n "s/^# $1: //p" "$2"; }

# The sources that a change of a file changes: itself, or those that include it.
units_of() {
	case $2 in
	*.c) echo "$2" ;;
	*) (cd "$1" && grep -lF "#include \"$2\"" core/*.c) ;;
	esac
}

# build NAME OBJECT...: the harness with some of takt's objects put before those of the library.
build() {
	name=$1
	shift
	# shellcheck disable=SC2086
	"${CC:-cc}" -o "$work/$name" $objects "$@" "$library" $libraries -lm -pthread -no-pie -Wl,-z,now \
		-Wl,--wrap=takt_config_load -Wl,--wrap=takt_config_free
}

try_mutant() {
	mutant=$1
	name=$(basename "$mutant" .sed)
	file=$(field file "$mutant")
	tree=$work/$name.tree
	mkdir -p "$tree"
	cp -r "$source/core" "$source/platform" "$tree"
	sed -f "$mutant" "$source/$file" >"$tree/$file"
	if cmp -s "$source/$file" "$tree/$file"; then
		echo "mutants: $name changes nothing: mend its pattern, $file has changed" >&2
		return 1
	fi
	built=""
	for unit in $(units_of "$tree" "$file"); do
		object=$work/$name.$(basename "$unit" .c).o
		"${CC:-cc}" -std=c11 -O2 -g -fPIC -w -I"$tree" -c "$tree/$unit" -o "$object" || return 1
		built="$built $object"
	done
	# shellcheck disable=SC2086
	build "$name" $built || return 1
	"$work/$name" --stop-early --offset 0 --only "$(field scenario "$mutant")" >"$work/$name.log" 2>&1
	result=$?
	case $result in
	1) printf 'caught   %-28s %s\n' "$name" "$(grep -m1 FAILED "$work/$name.log" | sed 's/.*: //')" ;;
	77) cat "$work/$name.log"; exit 77 ;;
	*)
		echo "mutants: $name was not caught (exit $result):" >&2
		tail -5 "$work/$name.log" >&2
		return 1
		;;
	esac
}

for mutant in "$here"/mutants/*.sed; do
	count=$((count + 1))
	try_mutant "$mutant" || failed=$((failed + 1))
done
echo "mutants: $count, not caught: $failed"
[ "$count" -gt 0 ] && [ "$failed" = 0 ]
