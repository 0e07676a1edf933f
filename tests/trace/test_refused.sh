#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A build without tracing says so, says what to do, and leaves nothing behind. usage: test_refused.sh BIN_FOLDER
set -u
bin=$(realpath "${1:?usage: test_refused.sh BIN_FOLDER}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
for command in 'start folder' 'start folder --flight' stop status snapshot watch; do
	# shellcheck disable=SC2086
	timeout 20 "$bin/takt" trace $command >out 2>err
	code=$?
	[ $code -eq 1 ] || { echo "trace: takt trace $command ends with $code, expected 1" >&2; exit 1; }
	grep -q 'this build of takt has no tracepoints.*cmake --preset trace' err || { echo "trace: takt trace $command says: $(cat err)" >&2; exit 1; }
	[ ! -e folder ] || { echo "trace: takt trace $command left a folder" >&2; exit 1; }
done
timeout 20 "$bin/takt" trace start --help >out || exit 1
grep -q 'usage: takt trace start' out || { echo "trace: no help" >&2; exit 1; }
echo "trace: refused by each command"
