# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by tests of the takt command, with their arguments: a folder for domains and one for work, and what a command is to print.
#   . command.sh FOLDER-OF-TAKT [FOLDER-OF-THE-TESTS'-NODES]
set -u
bin=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
export PATH=$bin:$(realpath "${2:-$1}"):$PATH NO_COLOR=1 LC_ALL=C.UTF-8
export TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/takt-test-tools.XXXXXX)
unset TAKT_DOMAIN
work=$(mktemp -d)
failures=0
checks=0
nodes=

finish() {
	for node in $nodes; do kill -KILL "$node" 2>/dev/null; done
	rm -rf "$work" "$TAKT_SHM_FOLDER"
}
trap finish EXIT

fail() {
	failures=$((failures + 1))
	echo "FAILED: $shown: $*"
	sed 's/^/	out: /' "$work/out" | head -20
	sed 's/^/	err: /' "$work/err" | head -20
}

# run CODE COMMAND...: runs it, bounded, and expects this exit code.
run() {
	local wanted=$1 code
	shift
	shown=$*
	checks=$((checks + 1))
	timeout 60 "$@" >"$work/out" 2>"$work/err"
	code=$?
	[ $code -eq "$wanted" ] || fail "exit code $code, expected $wanted"
}
out() { grep -q -e "$1" "$work/out" || fail "standard output lacks: $1"; }
out_not() { ! grep -q -e "$1" "$work/out" || fail "standard output has: $1"; }
err() { grep -q -e "$1" "$work/err" || fail "standard error lacks: $1"; }
quiet() { [ ! -s "$work/err" ] || fail "standard error is not empty"; }
nothing() { [ ! -s "$work/out" ] || fail "standard output is not empty"; }
json() { python3 -c "import json,sys; d=json.load(open('$work/out')); sys.exit(0 if ($1) else 1)" || fail "JSON: $1"; }
until_true() {
	local tries=$(($1 * 50))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.02
	done
}

