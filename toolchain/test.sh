#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need, builds takt in three ways and passes all tests. usage: toolchain/test.sh [PRESET...]
set -eu
cd "$(dirname "$0")/.."
toolchain/setup.sh test
[ $# -gt 0 ] || set -- release sanitize posix-sem
jobs=$(nproc)
began=$(date +%s)
for preset in "$@"; do
	echo "== $preset"
	cmake --preset "$preset" >/dev/null
	cmake --build --preset "$preset" -j "$jobs" -- --quiet
	# The second semaphore needs what depends on it; lints, demo and tools are the same in every build.
	only=.
	[ "$preset" != posix-sem ] || only='^unit|^process.two_processes'
	# One after another: process tests measure, and the machine may have two cores.
	ctest --preset "$preset" --output-on-failure --no-tests=error -R "$only"
done
echo "toolchain/test.sh: all passed in $(($(date +%s) - began)) s"
