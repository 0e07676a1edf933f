#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Processes of two targets meet in one domain, on this machine's own shared memory, each once as the first. Of the same width they
# exchange samples; a 32-bit and a 64-bit one are refused with a message that says why, and who was there first goes on unharmed.
# usage: test_meet.sh CONFIG WIDTH FOLDER [WIDTH FOLDER]    FOLDER holds ticker, tocker and takt, or scripts that emulate them
set -u
config=$(realpath "$1")
shift
if [ ! -x "$4/ticker" ]; then
	echo "skipped: there is no $4/ticker to meet; build that tree too"
	exit 77
fi
export NO_COLOR=1 TAKT_CONFIG=$config
TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/takt-test-meet.XXXXXX)
export TAKT_SHM_FOLDER
work=$(mktemp -d)
failures=0
checks=0
children=
finish() {
	# shellcheck disable=SC2086
	[ -z "$children" ] || kill -KILL $children 2>/dev/null
	rm -rf "$work" "$TAKT_SHM_FOLDER"
}
trap finish EXIT
trap 'exit 130' INT TERM

expect() { # DESCRIPTION COMMAND...
	local what=$1
	shift
	checks=$((checks + 1))
	"$@" && return
	failures=$((failures + 1))
	echo "FAILED: $name: $what"
	sed 's/^/	/' "$work"/*.err
}
# until_true COMMAND...: the bound is for a machine that stalls.
until_true() {
	local tries=3000
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.02
	done
}
# The number of a topic's newest sample, as it stands in shared memory (tests/golden/layout.txt).
head_of() { od -An -t u8 -j 320 -N 8 "$TAKT_SHM_FOLDER/takt.ticktest/topic.$1" 2>/dev/null | tr -d ' '; }
is_past() { local now; now=$(head_of "$1"); [ "${now:-0}" -gt "$2" ]; }
moves() { local before; before=$(head_of "$1"); until_true is_past "$1" "${before:-0}"; }
start() { # NODE PROGRAM: leaves its process in $started
	TAKT_NODE=$1 "$2" 2>"$work/$1.err" &
	started=$!
	children="$children $started"
}
end() { # PROCESS: asked to stop, it ends with 0
	kill -TERM "$1"
	wait "$1"
}
objects() { (cd "$TAKT_SHM_FOLDER/takt.ticktest" && stat -c '%n %i %s %a' -- *); }
says() { grep -q -e "$1" "$2"; }
fails() { ! "$@"; }

meet() { # WIDTH FOLDER WIDTH FOLDER: the second comes to the first
	name="a $3-bit process ($4) comes to a $1-bit one ($2)"
	: >"$work/none.err"
	start ticker "$2/ticker"
	local ticker=$started
	expect "the first publishes" until_true is_past tick 5
	if [ "$1" = "$3" ]; then
		start tocker "$4/tocker"
		expect "each tick is answered" until_true is_past tock 20
		expect "the second's tools read the first's topic" \
			bash -c "'$4/takt' topic echo tick --domain ticktest --count 3 --format csv 2>'$work/echo.err' >'$work/echo'"
		expect "three samples and their heading" [ "$(wc -l <"$work/echo")" -eq 4 ]
		expect "the second ends" end "$started"
	else
		objects >"$work/before"
		TAKT_NODE=tocker timeout 60 "$4/tocker" 2>"$work/tocker.err"
		expect "the second is refused" [ $? -eq 1 ]
		expect "it says what differs" says "the size of a pointer in bytes is $(($1 / 8)) there and $(($3 / 8)) in this program" "$work/tocker.err"
		expect "and why" says '32-bit and 64-bit programs cannot share a domain: build them all for one' "$work/tocker.err"
		timeout 60 "$4/takt" topic echo tick --domain ticktest --count 1 >"$work/echo" 2>"$work/echo.err"
		expect "the second's tools are refused" [ $? -ne 0 ]
		expect "they say why" says '32-bit and 64-bit programs cannot share a domain' "$work/echo.err"
		expect "and show nothing" fails [ -s "$work/echo" ]
		objects >"$work/after"
		expect "the objects are what they were" diff "$work/before" "$work/after"
		expect "the first goes on" moves tick
		start tocker "$2/tocker"
		expect "its own kind still joins" until_true is_past tock 5
		expect "and leaves" end "$started"
	fi
	expect "the first ends" end "$ticker"
	expect "the first has nothing to say" fails [ -s "$work/ticker.err" ]
	rm -rf "${TAKT_SHM_FOLDER:?}"/*
	children=
}

meet "$1" "$2" "$3" "$4"
meet "$3" "$4" "$1" "$2"
echo "meet: $checks checks, $failures failed"
[ "$failures" = 0 ]
