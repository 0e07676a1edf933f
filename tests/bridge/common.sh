# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the bridge's tests have in common. Sourced, after `set -u`.
#   own_namespace "$0" "$@"; bridge_set_up FOLDER-OF-TAKT FOLDER-OF-TICKER FOLDER-OF-LEGACY [ONLY-CASE]
# The test runs in an IPC namespace of its own, so that nobody's objects are met and limits can be lowered. POSIX shared memory has none:
# its names end with the test's number.
failures=0
checks=0
children=()
fields="count u64, value f64 bar, status i32, unit char[4]"

skip() {
	echo "bridge: skipped: $*"
	exit 77
}

finish() {
	local child
	for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null; done
	wait 2>/dev/null
	rm -rf "$work" "$TAKT_SHM_FOLDER" /dev/shm/takt-*-$$ /dev/shm/sem.takt-*-$$
}

# own_namespace SCRIPT ARGUMENT...: begins the script again in a namespace of its own. An ordinary user is root in it.
own_namespace() {
	local as
	[ -z "${BRIDGE_NAMESPACE:-}" ] || return 0
	for as in "" --map-root-user; do
		# shellcheck disable=SC2086
		unshare $as --ipc true 2>/dev/null && BRIDGE_NAMESPACE=own exec unshare $as --ipc "$@"
	done
	skip "nobody lets this user have an IPC namespace of his own, and what is there is not the test's"
}

bridge_set_up() {
	bin=$(realpath "$1")
	[ -x "$bin/takt" ] && [ -x "$3/legacy_fifo" ] || { echo "bridge: there is no $bin/takt, or no $3/legacy_fifo" >&2; exit 2; }
	legacy=$(realpath "$3")
	PATH=$bin:$(realpath "$2"):$PATH
	only=${4:-}
	export PATH NO_COLOR=1 LC_ALL=C.UTF-8
	TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/takt-bridge.XXXXXX)
	TAKT_CONFIG=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/domain.yaml
	export TAKT_SHM_FOLDER TAKT_CONFIG
	unset TAKT_DOMAIN TAKT_NODE
	work=$(mktemp -d)
	chmod 755 "$work" "$TAKT_SHM_FOLDER"
	trap finish EXIT
	trap 'exit 130' INT TERM
}

fail() {
	failures=$((failures + 1))
	echo "FAILED: $case: $*"
	for file in "$work"/*.err "$work"/*.out; do
		[ -s "$file" ] && sed "s|^|	$(basename "$file"): |" "$file" | head -12
	done
	# A mutant is caught by its first failure.
	[ -z "${BRIDGE_STOP_EARLY:-}" ] || exit 1
}
expect() {
	local what=$1
	shift
	checks=$((checks + 1))
	"$@" || fail "$what"
}
# until_true SECONDS COMMAND...
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -le $end ] || return 1
		sleep 0.02
	done
}
has() { grep -q -e "$2" "$work/$1"; }

# start NAME COMMAND...: in the background, its output in NAME.out and NAME.err; its process number is $started.
start() {
	local name=$1
	shift
	# Here, not by the process: what an earlier one of the name said must not be taken for its words.
	: >"$work/$name.out"
	: >"$work/$name.err"
	"$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null &
	started=$!
	children+=("$started")
}
# finished NAME PROCESS CODE: it ends within 30 s, with that code.
finished() {
	local code
	checks=$((checks + 1))
	if ! until_true 30 is_gone "$2"; then
		fail "$1 has not ended"
		kill -KILL "$2" 2>/dev/null
	fi
	wait "$2"
	code=$?
	[ "$code" = "$3" ] || fail "$1 ended with $code, expected $3"
}
is_gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
# has_open PROCESS PATH
has_open() { ls -l "/proc/$1/fd" 2>/dev/null | grep -q " $2\$"; }
# stop NAME PROCESS: by SIGTERM, which is a clean end.
stop() {
	kill -TERM "$2" 2>/dev/null
	finished "$1" "$2" 0
}

# inward NAME TARGET [OPTION...]: a bridge into the topic, ready.
inward() {
	local name=$1
	shift
	start "$name" takt bridge measure --from "$@" --node inward --fields "$fields"
	until_true 20 node_is_ready inward || fail "$name is not ready"
}
# outward NAME TARGET [OPTION...]: one out of it, from the oldest sample on.
outward() {
	local name=$1
	shift
	start "$name" takt bridge measure --to "$@" --history
}
node_is_ready() { takt node list --format csv 2>/dev/null | grep -qE "^$1,(ready|running),"; }
# How many samples the topic has seen.
newest() { takt topic list --format csv 2>/dev/null | sed -n 's/^measure,measure,[0-9]*,[0-9]*,\([0-9]*\),.*/\1/p'; }
has_samples() { [ "$(newest)" -ge "$1" ] 2>/dev/null; }
# The lines that a legacy receiver prints of samples FIRST to LAST.
expected() { seq "$1" "$2" | awk '{ printf "%d %g %d bar\n", $1, $1 * -0.25, $1 - 5 }'; }
# counted FILE WORD N: the last account in FILE says "N WORD" or "WORD N".
counted() { grep 'taken' "$work/$1" | tail -1 | grep -qE "(^|[^0-9])$3 $2([^a-z]|$)|[(, ]$2 $3([,)]|$)"; }
# says_on_demand PROCESS FILE PATTERN: the account that SIGUSR1 asks for. Who does not catch it yet would die of it, and the shell that
# the process was before it was takt catches it otherwise.
says_on_demand() {
	local caught
	[ "$(readlink "/proc/$1/exe")" = "$bin/takt" ] || return 1
	caught=$(sed -n 's/^SigCgt:.*\(...\)$/\1/p' "/proc/$1/status" 2>/dev/null)
	[ $((0x${caught:-0} & 0x200)) != 0 ] && kill -USR1 "$1" 2>/dev/null && has "$2" "$3"
}
# Its folder /dev/mqueue, where there is one, is another namespace's.
remove_queue() { "$legacy/legacy_posix_queue" remove "$1" 2>/dev/null; }
clean() { takt clean bridged >/dev/null 2>&1; }

# run_cases NAME...: each is a function case_NAME; begins with nothing there.
run_cases() {
	for case in "$@"; do
		[ -z "$only" ] || [ "$only" = "$case" ] || continue
		rm -f "$work"/*.out "$work"/*.err
		children=()
		before=$failures
		"case_$case"
		for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null; wait "$child" 2>/dev/null; done
		clean
		[ "$failures" = "$before" ] && echo "passed: $case"
	done
	echo "bridge: $checks checks, $failures failures"
	[ "$checks" -gt 0 ] && [ "$failures" = 0 ]
}
