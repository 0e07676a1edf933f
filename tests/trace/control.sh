# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of `takt trace` share. Sourced behind session.sh.
#   control_set_up              session_set_up without a daemon of the test's own: takt starts one; $work/demo.yaml and the shell's
#                               folder $work/here are the user's
#   run CODE COMMAND...         as the user, bounded; what it printed is in $work/out and $work/err
failures=0
checks=0
shown=

# Ends the daemon that takt started, and every program of this user's that is left in this test's folder.
control_tear_down() {
	local pid
	for pid in $nodes; do kill -KILL "$pid" 2>/dev/null; done
	pid=$(cat "$work/home/.lttng/lttng-sessiond.pid" 2>/dev/null) && kill -TERM "$pid" 2>/dev/null &&
		until_true 10 ended "$pid"
	session_tear_down
}
ended() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

control_set_up() {
	nodes=
	session_set_up
	trap control_tear_down EXIT
	as_user mkdir "$work/here"
	cp "$here/../../configs/demo.yaml" "$work/demo.yaml"
	chmod 644 "$work/demo.yaml"
	export PATH=$bin:$PATH NO_COLOR=1 LC_ALL=C.UTF-8
	unset TAKT_DOMAIN TAKT_CONFIG LTTNG_SESSIOND_PATH
	cd "$work/here" || exit 1
}

fail() {
	failures=$((failures + 1))
	echo "FAILED: $shown: $*"
	sed 's/^/	out: /' "$work/out" | head -20
	sed 's/^/	err: /' "$work/err" | head -20
}
run() {
	local wanted=$1 code
	shift
	shown=$*
	checks=$((checks + 1))
	as_user timeout 60 "$@" >"$work/out" 2>"$work/err"
	code=$?
	[ $code -eq "$wanted" ] || fail "exit code $code, expected $wanted"
}
out() { grep -q -e "$1" "$work/out" || fail "standard output lacks: $1"; }
err() { grep -q -e "$1" "$work/err" || fail "standard error lacks: $1"; }
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
# The events of a trace as text, and how many a filter finds.
text() {
	babeltrace2 "$1" >"$work/text" 2>"$work/warnings" || fail "babeltrace2 does not read $1: $(head -3 "$work/warnings")"
}
events() { grep -c -e "$1" "$work/text"; }
conclude() {
	[ $failures -eq 0 ] || { echo "$1: $failures of $checks checks failed"; exit 1; }
	echo "$1: $checks checks"
}
