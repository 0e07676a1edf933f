#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# chrome://tracing's own viewer opens what takt trace export writes, without a complaint: nodes are processes, cycles slices, and each arrow
# goes from a publish to the read of that sample. usage: test_viewer.sh TAKT
set -u
takt=$(realpath "${1:?usage: test_viewer.sh TAKT}")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
fail() {
	echo "trace: $*" >&2
	exit 1
}
tar -xzf "$here/data/aarch64.tar.gz" -C "$work" || fail "the AArch64 trace cannot be unpacked"
timeout 60 "$takt" trace export "$work" --to chrome --output "$work/timeline.json" >"$work/out" 2>&1 || fail "export: $(cat "$work/out")"
python3 "$here/viewer.py" "$work/timeline.json" || exit
# The viewer sees a difference: arrows that end at the slice behind, and one that ends before it begins; half a file.
for change in 's/,"bp":"e"//' '0,/"ph":"s"/s/"ph":"s"/"ph":"f"/'; do
	sed "$change" "$work/timeline.json" >"$work/changed.json"
	cmp -s "$work/timeline.json" "$work/changed.json" && fail "'$change' changes nothing"
	python3 "$here/viewer.py" "$work/changed.json" >"$work/out" 2>&1
	[ $? -eq 1 ] || fail "a timeline that was changed ($change) passes: $(cat "$work/out")"
done
