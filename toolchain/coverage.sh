#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Which lines and branches of core the tests run: unit tests, the fuzz targets' corpus and two real processes, built with gcc --coverage.
# Prints a table for each file, writes build/coverage/core.txt and .json, and holds what did not run against
# tests/coverage/uncovered.txt, which says why. usage: toolchain/coverage.sh [--show]
# --show prints what did not run in the form of that list.
set -eu
cd "$(dirname "$0")/.."
build=build/coverage
cmake --preset coverage >/dev/null
cmake --build --preset coverage -j "$(nproc)" --target coverage_tests -- --quiet
# Counts of an earlier run would hide what this one does not reach.
find "$build" -name '*.gcda' -delete
# One after another: tests of loops count overruns.
ctest --test-dir "$build" --no-tests=error --output-on-failure \
	-R '^unit\.core\.|^fuzz\.corpus\.|^process\.two_processes$' >"$build/tests.log" || {
	tail -40 "$build/tests.log"
	exit 1
}
# Only what was just built: what is left of older sources would contradict it. Not in parallel: then gcovr hangs where it should fail.
timeout 300 gcovr -r . --object-directory "$build" --filter 'core/' --exclude-unreachable-branches --json "$build/core.json" \
	--txt "$build/core.txt" "$build/core" "$build/tests/fuzz" "$build"/tests/CMakeFiles/test_core_*.dir \
	"$build/tests/CMakeFiles/test_two_processes.dir" "$build/apps/takt/CMakeFiles/takt_parts.dir" >"$build/gcovr.log" 2>&1 || {
	cat "$build/gcovr.log"
	exit 1
}
python3 tests/coverage/uncovered.py "$build/core.json" tests/coverage/uncovered.txt "$@"
