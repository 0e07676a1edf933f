#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what takt needs on Debian 12, and nothing that is there already.
# usage: toolchain/setup.sh build|demo|test|package|peers|cross|board|musl
set -eu
case ${1:-} in
build) extra="" ;;
demo) extra="gnuplot-nox liblttng-ust-dev liblttng-ctl-dev" ;;
test) extra="lintian mmdebstrap dpkg-dev file python3 g++ libcmocka-dev clang clang-format clang-tidy libclang-rt-14-dev cppcheck gcovr gnuplot-nox mandoc man-db zsh procps util-linux valgrind relacy-dev spin gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user liblttng-ust-dev liblttng-ctl-dev libuv1-dev lttng-tools babeltrace2" ;;
package) extra="dpkg-dev file gzip lintian mmdebstrap liblttng-ust-dev liblttng-ctl-dev" ;;
cross) extra="g++ gcc-aarch64-linux-gnu g++-aarch64-linux-gnu gcc-arm-linux-gnueabihf g++-arm-linux-gnueabihf qemu-user dpkg-dev debian-archive-keyring ca-certificates" ;;
board) extra="g++ gcc-aarch64-linux-gnu g++-aarch64-linux-gnu gcc-arm-linux-gnueabihf g++-arm-linux-gnueabihf qemu-user dpkg-dev debian-archive-keyring ca-certificates qemu-system-arm cpio libcmocka-dev python3 gnuplot-nox" ;;
peers) extra="g++ libzmq3-dev libnng-dev liblcm-dev cyclonedds-dev cyclonedds-tools iceoryx libfastrtps-dev iproute2 util-linux" ;;
musl) extra="musl-tools dpkg-dev xz-utils bzip2" ;;
*)
	echo "usage: $0 build|demo|test|package|peers|cross|board|musl" >&2
	exit 2
	;;
esac
packages="gcc libc6-dev cmake ninja-build pkg-config liburcu-dev libcyaml-dev libyaml-dev libcsv-dev libjansson-dev libbabeltrace2-dev libiio-dev $extra"

for tool in dpkg-query apt-get; do
	command -v $tool >/dev/null || {
		echo "setup: there is no $tool: takt's tools are set up from Debian 12's packages. Elsewhere install by hand what they hold: $packages" >&2
		exit 1
	}
done
missing=""
for package in $packages; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "installing:$missing" >&2
as_root=""
if [ "$(id -u)" != 0 ]; then
	as_root=sudo
	command -v sudo >/dev/null || {
		echo "setup: not root, and there is no sudo; run as root: apt-get install$missing" >&2
		exit 1
	}
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -q -o DPkg::Lock::Timeout=500 update >&2 || {
	echo "setup: apt cannot read its lists of packages (no network?); expected Debian 12's archive in /etc/apt/sources.list*; missing:$missing" >&2
	exit 1
}
# shellcheck disable=SC2086
$as_root apt-get -q -y -o DPkg::Lock::Timeout=500 install --no-install-recommends $missing >&2 || {
	echo "setup: apt cannot install what is missing; expected packages of Debian 12 (bookworm, main), see above which it lacks:$missing" >&2
	exit 1
}
