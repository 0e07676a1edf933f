# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A session daemon of the test's own: an ordinary user's, with its own home, which meets no other daemon of the machine. Sourced.
#   session_arguments    $bin, $program and $here, of the test's arguments
#   session_set_up       makes $work, with $work/shm for takt; exits 77 with the reason where LTTng or the user is missing
#   as_user COMMAND...   runs it as that user, with the rights to lock memory and to be real-time where root may give them
#   session_start NAME   a session that records takt:* into $work/NAME, running; session_stop NAME ends it and leaves the trace
#   session_text NAME    the trace as text, into $work/NAME.text
work=
daemon=
user=()

skip() {
	echo "trace: skipped: $1"
	exit 77
}
fail() {
	echo "trace: $*" >&2
	exit 1
}
# BIN_FOLDER NODE_PROGRAM, a test's arguments: $bin, $program; and $here, where the tests are
session_arguments() {
	[ $# -eq 2 ] || { echo "usage: $0 BIN_FOLDER NODE_PROGRAM" >&2; exit 2; }
	bin=$(realpath "$1") || exit 2
	program=$(realpath "$2") || exit 2
	here=$(dirname "$(realpath "$0")")
}

session_tear_down() {
	[ -n "$daemon" ] && kill -TERM "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null
	[ -n "$work" ] && rm -rf "$work"
}

as_user() { "${user[@]}" "$@"; }

session_set_up() {
	local tool
	for tool in lttng lttng-sessiond babeltrace2 python3; do
		command -v $tool >/dev/null || skip "$tool is missing: toolchain/setup.sh test installs it"
	done
	work=$(mktemp -d /dev/shm/takt-trace-XXXXXX)
	trap session_tear_down EXIT
	trap 'exit 130' INT TERM
	if [ "$(id -u)" = 0 ]; then
		# Root's daemon is one for each machine, and may be somebody's: the test is nobody.
		command -v setpriv >/dev/null || skip "root's session daemon is the machine's own, and setpriv is missing"
		chown 65534:65534 "$work"
		user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		setpriv --ambient-caps +ipc_lock,+sys_nice --inh-caps +ipc_lock,+sys_nice true 2>/dev/null &&
			user+=(--inh-caps +ipc_lock,+sys_nice --ambient-caps +ipc_lock,+sys_nice)
		as_user true || skip "this process may not become another user"
	fi
	chmod 755 "$work"
	as_user mkdir "$work/home" "$work/shm"
	export HOME=$work/home LTTNG_HOME=$work/home TAKT_SHM_FOLDER=$work/shm LTTNG_UST_REGISTER_TIMEOUT=20000
	unset TAKT_TRACE
}

# In the foreground, as a child: a daemon's death could not be waited for.
daemon_start() {
	local end=$((SECONDS + 30))
	# Not through a function, whose shell would be the one that is killed and waited for.
	"${user[@]}" lttng-sessiond --no-kernel --pidfile="$work/home/pid" >"$work/daemon.log" 2>&1 &
	daemon=$!
	# Its file of a process number may be there before it takes commands.
	until [ -s "$work/home/pid" ] && as_user lttng -n list >/dev/null 2>&1; do
		kill -0 "$daemon" 2>/dev/null || { cat "$work/daemon.log"; skip "lttng-sessiond does not start here"; }
		[ $SECONDS -lt $end ] || { echo "trace: lttng-sessiond is not ready after 30 s" >&2; exit 1; }
		sleep 0.05
	done
}

session_start() {
	{
		as_user lttng -n create "$1" --output="$work/$1" &&
			as_user lttng -n enable-channel -u -s "$1" --subbuf-size=1M --num-subbuf=4 takt &&
			as_user lttng -n enable-event -u -s "$1" -c takt 'takt:*' &&
			as_user lttng -n start "$1"
	} >"$work/lttng.log" 2>&1 || { cat "$work/lttng.log"; echo "trace: no session" >&2; exit 1; }
}

session_stop() {
	{ as_user lttng -n stop "$1" && as_user lttng -n destroy "$1"; } >"$work/lttng.log" 2>&1 ||
		{ cat "$work/lttng.log"; echo "trace: the session does not end" >&2; exit 1; }
}

session_text() {
	babeltrace2 --clock-cycles --no-delta "$work/$1" >"$work/$1.text" 2>"$work/$1.warnings" ||
		{ cat "$work/$1.warnings"; echo "trace: babeltrace2 does not read the trace" >&2; exit 1; }
	if [ -s "$work/$1.warnings" ]; then
		cat "$work/$1.warnings"
		echo "trace: babeltrace2 warns: events were discarded?" >&2
		exit 1
	fi
}
