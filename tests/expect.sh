# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How a test counts what it expects. Sourced. What a command says is in $work/said, and is shown where it fails; of the one before it in
# $work/previous. Without $work it is not kept.
#   expect DESCRIPTION COMMAND...   it ends with 0
#   conclude                        how many; ends the test
failed=0
passed=0
work=${work:-}

say_to() {
	if [ -n "$work" ]; then
		[ ! -f "$work/said" ] || mv "$work/said" "$work/previous"
		"$@" >"$work/said" 2>&1
	else
		"$@"
	fi
}
expect() {
	local what=$1
	shift
	if say_to "$@"; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "FAILED: $what" >&2
	[ -z "$work" ] || sed 's/^/	/' "$work/said" >&2
}
conclude() {
	echo "$passed passed, $failed failed$*"
	[ "$failed" = 0 ]
	exit
}
