# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The nodes of injected.yaml, from the first to the last, while sessions run. Sourced after session.sh, with $program set.
#   chain_run   leaves in $lost what sink says that it lost
#   chain_set_up   session_set_up with a daemon and that domain
#   trace ARGUMENTS...              takt trace; what it printed is in $work/out and $work/err
#   expect CODE TEXT ARGUMENTS...   it ends so, and says this on standard error
chain_set_up() {
	session_set_up
	mkdir "$work/tmp"
	export TMPDIR=$work/tmp
	daemon_start
	cp "$here/injected.yaml" "$work/injected.yaml"
	export TAKT_CONFIG=$work/injected.yaml
}
trace() { timeout 100 "$bin/takt" trace "$@" >"$work/out" 2>"$work/err"; }
expect() {
	trace "${@:3}"
	local code=$?
	[ $code -eq "$1" ] || { cat "$work/err"; fail "${*:3}: ended with $code, expected $1"; }
	grep -q -- "$2" "$work/err" || { cat "$work/err"; fail "${*:3}: does not say '$2'"; }
}
chain_node() { TAKT_NODE=$1 as_user timeout 60 "$program"; }

chain_ready() {
	local line=
	IFS= read -r -t 30 line <&"$1"
	[ "$line" = ready ] || { echo "trace: a node says '$line', expected 'ready'" >&2; exit 1; }
}

chain_run() {
	local sink relay
	mkfifo "$work/said"
	chain_node sink >"$work/said" &
	sink=$!
	exec 7<"$work/said"
	chain_ready 7
	coproc RELAY { chain_node relay; }
	relay=$RELAY_PID
	chain_ready "${RELAY[0]}"
	chain_node source || { echo "trace: source ended with $?" >&2; exit 1; }
	wait "$relay" || { echo "trace: relay ended with $?" >&2; exit 1; }
	IFS= read -r -t 30 lost <&7 || { echo "trace: sink does not say what it lost" >&2; exit 1; }
	wait "$sink" || { echo "trace: sink ended with $?" >&2; exit 1; }
}
