#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# takt run under a service manager: the unit is right, the manager is told, the journal gets severities, SIGTERM ends it in order.
# usage: test_service.sh BIN UNIT
set -u
bin=$(cd "$1" && pwd)
unit=$2
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/takt-test-service-XXXXXX)
export TAKT_SHM_FOLDER
run=""
manager=""
# shellcheck disable=SC2086
trap 'kill $run $manager 2>/dev/null; rm -rf "$work" "$TAKT_SHM_FOLDER"' EXIT
trap 'exit 130' INT TERM
. "$(dirname "$0")/../expect.sh"

# ----------------------------------------------------------------------------------------------------- the unit
if command -v systemd-analyze >/dev/null; then
	# As it will be on a board, where the command is: here it stands elsewhere.
	mkdir "$work/units"
	sed "s|^ExecStart=[^ ]*|ExecStart=$bin/takt|; /^Documentation/d" "$unit" >"$work/units/takt@.service"
	systemd-analyze verify "$work/units/takt@.service" >"$work/verify" 2>&1
	expect "systemd-analyze verify passes: $(cat "$work/verify")" [ $? -eq 0 -a ! -s "$work/verify" ]
	echo 'NoSuchKey=1' >>"$work/units/takt@.service"
	systemd-analyze verify "$work/units/takt@.service" >"$work/verify" 2>&1
	expect "it would have told an unknown key" grep -q NoSuchKey "$work/verify"
else
	echo "skipped: systemd-analyze verify, since there is no systemd-analyze"
fi
has() { grep -qE "^$1\$" "$unit"; }
for line in 'Type=notify' 'User=takt' 'LimitRTPRIO=9[0-9]' 'LimitMEMLOCK=infinity' 'KillMode=mixed' 'Restart=on-failure'; do
	expect "the unit has $line" has "$line"
done
for line in DynamicUser PrivateIPC PrivateUsers RestrictRealtime PrivateDevices ProtectClock; do
	expect "the unit has no $line" bash -c "! grep -q '^$line=' '$unit'"
done

# -------------------------------------------------------------------------------------------------- the manager
cat >"$work/manager.py" <<'END'
import os, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
listener.settimeout(60)
open(sys.argv[2] + ".listens", "w").close()
with open(sys.argv[2], "a") as log:
    text = ""
    while "STOPPING=1" not in text:
        text = listener.recv(4096).decode()
        log.write(text.replace("\n", " ") + "\n")
        log.flush()
END
: >"$work/told"
python3 "$work/manager.py" "$work/notify" "$work/told" &
manager=$!
wait_for() { # WORDS FILE: at most 30 s, looking at the truth
	local end=$((SECONDS + 30))
	until grep -q "$1" "$2" 2>/dev/null; do
		[ $SECONDS -lt $end ] && kill -0 "${3:-$manager}" 2>/dev/null || return 1
		sleep 0.02
	done
}
while [ ! -e "$work/told.listens" ] && kill -0 $manager 2>/dev/null; do sleep 0.02; done
: >"$work/errors"
journal=$(stat -c '%d:%i' "$work/errors")
NOTIFY_SOCKET=$work/notify JOURNAL_STREAM=$journal PATH=$bin:$PATH "$bin/takt" run "$root/configs/demo.yaml" 2>>"$work/errors" &
run=$!
expect "the manager hears that all nodes run" wait_for 'READY=1 STATUS=nodes: 2, restarts: 0' "$work/told"
sensor=$(pgrep -P $run -x sensor)
expect "a node is not told of the manager" bash -c "! tr '\\0' '\\n' </proc/$sensor/environ | grep -q NOTIFY_SOCKET"
kill -KILL "$(pgrep -P $run -x controller)"
expect "the manager hears of a restart" wait_for 'restarts: 1' "$work/told"
kill -TERM $run
wait $run
expect "SIGTERM ends it with 0" [ $? -eq 0 ]
wait $manager
expect "the manager heard all" [ $? -eq 0 ]
expect "first that it starts" bash -c "head -1 '$work/told' | grep -q '^STATUS=starting node 1 of 2$'"
expect "last that it stops" bash -c "tail -1 '$work/told' | grep -q '^STOPPING=1 STATUS=stopping$'"
expect "the journal knows words for people" grep -q "^<6>takt: node 'sensor' is ready" "$work/errors"
expect "and warnings" grep -qE "^<[34]>takt: .*'controller'.*SIGKILL" "$work/errors"
expect "no line of takt's is without" bash -c "! grep -q '^takt: ' '$work/errors'"
expect "nothing is left in the shared-memory folder" [ -z "$(ls -A "$TAKT_SHM_FOLDER")" ]
run=""
manager=""
NOTIFY_SOCKET=/nonexistent/notify "$bin/takt" run "$root/configs/demo.yaml" --for 100ms 2>"$work/errors"
expect "a manager that cannot be told stops nothing" [ $? -eq 0 ]
expect "it is named, once" [ "$(grep -c "takt: the service manager at '/nonexistent/notify' cannot be told" "$work/errors")" = 1 ]
[ "$failed" = 0 ] || cat "$work/told" "$work/errors" >&2
conclude
