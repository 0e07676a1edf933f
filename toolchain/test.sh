#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need, builds takt in four ways and passes all tests. usage: toolchain/test.sh [PRESET...]
set -eu
cd "$(dirname "$0")/.."
toolchain/setup.sh test
chosen="$*"
[ $# -gt 0 ] || set -- release sanitize posix-sem trace
jobs=$(nproc)
began=$(date +%s)
if [ -z "$chosen" ]; then
	for set in cross board musl; do
		toolchain/setup.sh "$set"
	done
	# What is only fetched is fetched while others compute. What fails here fails again, and is told, where it is needed.
	mkdir -p build
	{
		toolchain/sysroot.sh aarch64 && toolchain/board-kernel.sh aarch64 --rt && toolchain/sysroot.sh armhf || true
	} >build/fetched.log 2>&1 </dev/null &
fi
stage() { echo "== $1, after $(($(date +%s) - began)) s"; }
for preset in "$@"; do
	stage "$preset"
	cmake --preset "$preset" >/dev/null
	# The second semaphore needs what depends on it; lints, demo and tools are the same in every build. Of the build with tracepoints:
	# what they stand in, what they tell, and that they cost a branch and no allocation.
	targets=all only=.
	case $preset in
	posix-sem) targets="unit_tests test_two_processes" only='^unit.(core|platform)|^process.two_processes' ;;
	trace)
		targets="takt_command sensor controller traced pour injected hot_paths allocation_counter test_platform_library
			test_core_trace test_core_topic test_core_lock test_core_loop test_core_node test_core_waiter"
		only='^trace|^unit.core.(trace|topic|lock|loop|node|waiter)$|^unit.platform.library|^process.fixed_allocation|^bench.instructions'
		;;
	esac
	# shellcheck disable=SC2086
	cmake --build --preset "$preset" -j "$jobs" --target $targets -- --quiet
	# Tests that measure or start processes run alone (RUN_SERIAL); only those that compute share the processors.
	ctest --preset "$preset" -j "$jobs" --output-on-failure --no-tests=error -R "$only"
done
if [ -z "$chosen" ]; then
	wait
	stage musl
	toolchain/musl.sh
	stage fuzz
	toolchain/fuzz.sh 5
	stage coverage
	toolchain/coverage.sh
	for arch in aarch64 armhf; do
		stage $arch
		toolchain/cross.sh $arch --test
		tests/install/test_packages.sh $arch
	done
	stage board
	toolchain/board.sh aarch64 --rt --virtual-time
	toolchain/board.sh aarch64 --rt --trace
fi
echo "toolchain/test.sh: all passed in $(($(date +%s) - began)) s"
