# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the tests of `takt ipc` have in common: they read this file with `.`, with the folders of takt and of the tests' programs as arguments.
# A test has a namespace of its own for IPC and for mounts, so that it meets nobody's objects, and nobody its.
set -u
if [ "${TAKT_IPC_INSIDE:-}" = "" ]; then
	[ "$(id -u)" = 0 ] || { echo "skipped: not root, so there is no IPC namespace of the test's own"; exit 77; }
	unshare --ipc --mount true 2>/dev/null || { echo "skipped: this machine permits no namespaces"; exit 77; }
	TAKT_IPC_INSIDE=1 exec unshare --ipc --mount --propagation private "$0" "$@"
fi
[ -r /proc/sysvipc/shm ] || { echo "skipped: this kernel has no System V IPC"; exit 77; }
work=$(mktemp -d /tmp/takt-ipc.XXXXXX)
# Other users run the programs too, and may not look into the builder's folders.
chmod 755 "$work"
mkdir "$work/bin"
cp "$(realpath "$1")/takt" "$work/bin/"
cp "$(realpath "$2")/ipc_user" "$(realpath "$2")/ticker" "$work/bin/"
export PATH=$work/bin:$PATH NO_COLOR=1 LC_ALL=C.UTF-8
unset TAKT_DOMAIN TAKT_CONFIG TAKT_SHM_FOLDER
mount -t tmpfs -o mode=1777 none /dev/shm || exit 2
mkdir "$work/mqueue"
if mount -t mqueue none "$work/mqueue" 2>/dev/null; then has_queues=1; else has_queues=0; fi
failures=0 checks=0 holders="" name=""

finish() {
	# shellcheck disable=SC2086
	[ -z "$holders" ] || { kill -KILL $holders; wait $holders; } 2>/dev/null
	[ $has_queues = 0 ] || umount "$work/mqueue"
	rm -rf "$work"
}
trap finish EXIT

fail() {
	failures=$((failures + 1))
	echo "FAILED: $name: $*"
	sed 's/^/	out: /' "$work/out" | head -20
	sed 's/^/	err: /' "$work/err" | head -20
	[ -z "${TAKT_IPC_STOP_EARLY:-}" ] || exit 1
}
pass_over() { echo "passed over: $*"; }

# An ordinary user, and another one, of this run alone: nobody knows them by name. They are programs, so that `timeout` can start them.
user=$((200000 + $$)) other=$((5000000 + $$))
for word in user other; do
	printf '#!/bin/sh\nexec setpriv --reuid %s --regid %s --clear-groups -- "$@"\n' "${!word}" "${!word}" >"$work/bin/as_$word"
done

chmod 755 "$work"/bin/*

# run CODE COMMAND...: bounded, without a terminal, and expects this exit code.
run() {
	local wanted=$1 code
	shift
	name="$*"
	checks=$((checks + 1))
	timeout 60 "$@" >"$work/out" 2>"$work/err" </dev/null
	code=$?
	[ $code = "$wanted" ] || fail "exit code $code, expected $wanted"
}
out() { checks=$((checks + 1)); grep -qF -e "$1" "$work/out" || fail "standard output lacks: $1"; }
no_out() { checks=$((checks + 1)); ! grep -qF -e "$1" "$work/out" || fail "standard output has: $1"; }
err() { checks=$((checks + 1)); grep -qF -e "$1" "$work/err" || fail "standard error lacks: $1"; }
same() { checks=$((checks + 1)); [ "$1" = "$2" ] || fail "$3: '$1', expected '$2'"; }

# until_true COMMAND...: until it succeeds; the bound is for a machine that stalls.
until_true() {
	local end=$((SECONDS + 20))
	while ! "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { fail "did not come to pass: $*"; return 1; }
		sleep 0.02
	done
}

# make KIND NAME: its id, where it has one, is in $id.
make() {
	id=$(ipc_user make "$1" "$2") || fail "could not make $1 $2"
}
make_as_user() {
	id=$(as_user ipc_user make "$1" "$2") || fail "could not make $1 $2 as a user"
}

# hold DOING KIND NAME [RUNNER]: a process that uses it, in $holder, ready.
hold() {
	: >"$work/ready"
	${4:-} ipc_user "$1" "$2" "$3" >"$work/ready" 2>&1 &
	holder=$!
	holders="$holders $holder"
	until_true grep -q ready "$work/ready"
}
release() {
	{ kill -KILL "$holder"; wait "$holder"; } 2>/dev/null
}

# state OBJECT: as takt says it now; "" where there is none. OBJECT: KIND:ID or KIND:NAME
state() {
	takt ipc list --format json 2>/dev/null | python3 -c "
import json, sys
kind, _, what = sys.argv[1].partition(':')
for row in json.load(sys.stdin):
	if row['kind'] == kind and what in (str(row['id']), row['name'], row['domain']):
		print(row['state'])
		break" "$1"
}
is_state() { [ "$(state "$1")" = "$2" ]; }
expect_state() { checks=$((checks + 1)); is_state "$1" "$2" || { fail "the state of $1 is '$(state "$1")', expected '$2'"; takt ipc list; }; }

# Every object by kind, id or name, one a line: what must be the same before and after, but for one.
everything() {
	{
		ipcs -q | awk '/^0x/ {print "queue", $2}'
		ipcs -m | awk '/^0x/ {print "shm", $2}'
		ipcs -s | awk '/^0x/ {print "sem", $2}'
		find /dev/shm "$work/mqueue" -mindepth 1 -printf 'file %p\n'
	} | sort
}

# run_outside_terminal, run_on_terminal ANSWER-FIFO COMMAND: with a terminal whose keys come from the FIFO.
on_terminal() {
	script -qfec "$1" /dev/null >"$work/screen" 2>&1
}

conclude() {
	echo "$(basename "$0"): $checks checks, $failures failed"
	[ $failures = 0 ] && [ $checks -gt 0 ]
	exit
}
