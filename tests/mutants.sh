# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What the scripts have in common that break takt on purpose, one way a time, and require that a test notices: they read this file with `.`.
#
# A mutant is a sed script; its first lines say what it breaks and, as "# KEY: VALUE", which file it changes and what else the test must know.
# A script sets `source` (the source folder) and defines `catch`, which is called for each mutant with $mutant (its file), $name, $file and
# $tree (a folder with the changed copy alone): it builds and runs the test and answers by `judge`, or returns 77 where this machine cannot
# run it. At the end it calls `try_mutants WORKERS MUTANT...`.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# Where a changed header's readers are looked for.
unit_folders=core

# field KEY: what the mutant says of it.
field() { sed -n "s/^# $1: //p" "$mutant"; }

# The sources that a change of $file changes: itself, or those that include it.
units_of_file() {
	case $file in
	*.c) echo "$file" ;;
	*) (cd "$source" && for folder in $unit_folders; do grep -lF "#include \"$file\"" "$folder"/*.c; done) ;;
	esac
}

# compile FLAG...: the changed sources to objects, whose names are left in $built.
compile() {
	built=""
	for unit in $(units_of_file); do
		object=$work/$name.$(echo "$unit" | tr / .).o
		from=$source
		[ ! -f "$tree/$unit" ] || from=$tree
		"${CC:-cc}" -w "$@" -I"$tree" -I"$source" -c "$from/$unit" -o "$object" || return 1
		built="$built $object"
	done
}

# judge RESULT PATTERN: caught if the test ended with 1 and its log, $work/NAME.log, has a line of the extended PATTERN.
judge() {
	if [ "$1" = 1 ] && grep -Eq "$2" "$work/$name.log"; then
		printf 'caught   %-30s %.110s\n' "$name" "$(grep -Em1 "$2" "$work/$name.log" | sed -E 's/^(.*FAILED:? *| +)//')"
		return 0
	fi
	echo "mutants: $name was not caught (exit $1; its log should say: $2):"
	tail -12 "$work/$name.log"
	return 1
}

try_mutant() {
	name=$(basename "$mutant" .sed)
	file=$(field file)
	tree=$work/$name.tree
	mkdir -p "$tree/$(dirname "$file")"
	sed -f "$mutant" "$source/$file" >"$tree/$file"
	if cmp -s "$source/$file" "$tree/$file"; then
		echo "mutants: $name changes nothing: mend its pattern, $file has changed"
		return 1
	fi
	catch
	result=$?
	rm -rf "$tree" "${work:?}/$name" "$work/$name".*.o
	return $result
}

# try_mutants WORKERS MUTANT...: the n-th worker takes every n-th mutant. Exit: 0 all were caught, 77 this machine cannot run them.
try_mutants() {
	workers=$1
	shift
	worker=0
	while [ "$worker" -lt "$workers" ]; do
		(
			index=0
			for mutant in "$@"; do
				index=$((index + 1))
				[ $((index % workers)) = "$worker" ] || continue
				result=0
				try_mutant >"$work/said.$worker" 2>&1 || result=$?
				echo "$result" >>"$work/results"
				cat "$work/said.$worker"
			done
		) &
		worker=$((worker + 1))
	done
	wait
	! grep -qx 77 "$work/results" || exit 77
	failed=$(grep -cvx 0 "$work/results")
	echo "mutants: $(grep -c . "$work/results") of $#, not caught: $failed"
	[ "$#" -gt 0 ] && [ "$(grep -c . "$work/results")" = "$#" ] && [ "$failed" = 0 ]
}
