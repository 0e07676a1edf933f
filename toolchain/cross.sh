#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds takt for a board on a bare Debian 12: installs what is missing, makes the board's libraries in build/sysroot/ARCH, builds in
# build/ARCH, and puts headers and library into the sysroot, where an outside project finds them with the same toolchain file.
# Then it makes Debian packages in build/packages.
# usage: toolchain/cross.sh aarch64|armhf [--test]    --test: instead of packages, builds the tests and runs them under emulation (qemu-user)
set -eu
cd "$(dirname "$0")/.."
usage="usage: toolchain/cross.sh aarch64|armhf [--test]"
case ${1:-} in
aarch64 | armhf) arch=$1 ;;
arm64) arch=aarch64 ;;
*)
	echo "cross: unknown architecture '${1:-}'; $usage" >&2
	exit 2
	;;
esac
test=OFF
case ${2:-} in
"") ;;
--test) test=ON ;;
*)
	echo "cross: unknown argument '$2'; $usage" >&2
	exit 2
	;;
esac
toolchain/setup.sh cross
emulator=qemu-${arch%hf}
[ $test = OFF ] || command -v "$emulator" >/dev/null || {
	echo "cross: there is no $emulator, so nothing of $arch can run here; toolchain/setup.sh cross installs it (qemu-user)" >&2
	exit 1
}
toolchain/sysroot.sh "$arch"
cmake --preset "$arch" -D TAKT_TESTS=$test >/dev/null
cmake --build --preset "$arch" -j "$(nproc)" -- --quiet
DESTDIR=build/sysroot/$arch cmake --install "build/$arch" >/dev/null
echo "cross: programs in build/$arch/bin, headers and library in build/sysroot/$arch"
if [ $test = OFF ]; then
	toolchain/package.sh "$arch"
	exit
fi

result=0
# A stalled machine makes an emulated one slower still; nothing asserts a speed.
ctest --preset "$arch" -j "$(nproc)" --no-tests=error --timeout 300 || result=$?
# ctest names what it skipped, but not why.
grep '^skipped: [a-z]*\.' "build/$arch/Testing/Temporary/LastTest.log" || true
exit $result
