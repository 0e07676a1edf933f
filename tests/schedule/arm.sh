#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same program for AArch64, under emulation, with a smaller bound. usage: arm.sh SOURCE_FOLDER [ARGUMENT...]
source=${1:?"usage: arm.sh SOURCE_FOLDER [ARGUMENT...]"}
shift
compiler=${ARM_CC:-aarch64-linux-gnu-gcc}
emulator=$(command -v qemu-aarch64 || command -v qemu-aarch64-static)
if ! command -v "$compiler" >/dev/null; then
	echo "skipped: no $compiler (Debian: gcc-aarch64-linux-gnu libc6-dev-arm64-cross)"
	exit 77
fi
if [ -z "$emulator" ]; then
	echo "skipped: no qemu-aarch64 (Debian: qemu-user)"
	exit 77
fi
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
CC=$compiler "$(dirname "$0")/build.sh" "$source" "$work/schedule" -static || exit 2
if [ $# -gt 0 ]; then
	"$emulator" "$work/schedule" "$@"
	exit
fi
for only in publish borrow place lock; do
	"$emulator" "$work/schedule" --bound 2 --only "$only" || exit
done
for only in wait loan follow pins "queue, take" "queue, two" "queue, drop"; do
	"$emulator" "$work/schedule" --bound 1 --only "$only" || exit
done
