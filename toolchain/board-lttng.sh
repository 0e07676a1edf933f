#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches LTTng's session daemon for a board, and the libraries that it needs, unpacks them in build/board/ARCH-lttng, and prints the folder.
# What is there is kept: remove the folder for newer packages. usage: toolchain/board-lttng.sh aarch64|armhf
set -eu
cd "$(dirname "$0")/.."
. toolchain/board-fetch.sh
fail() {
	echo "board: $*" >&2
	exit 1
}
case ${1:-} in
aarch64 | armhf) ;;
*)
	echo "board: unknown architecture '${1:-}'; usage: toolchain/board-lttng.sh aarch64|armhf" >&2
	exit 2
	;;
esac
arch=$1
# LTTng's own libraries are the sysroot's, with which takt is built. The others are those that the daemon is linked to.
packages="lttng-tools liblttng-ctl0 liblttng-ust-ctl5 libkmod2 libpopt0 libxml2 libicu72 liblzma5 libzstd1 zlib1g libssl3 libstdc++6 libgcc-s1 libnuma1"
folder=$PWD/build/board/$arch-lttng
if [ "$(cat "$folder/complete" 2>/dev/null)" = "$packages" ]; then
	echo "$folder"
	exit 0
fi
apt=$PWD/build/sysroot/$arch.apt/apt.conf
[ -f "$apt" ] || fail "there is no $apt: toolchain/sysroot.sh $arch makes it"
rm -rf "$folder"
mkdir -p "$folder/packages"
log=$folder/log
# shellcheck disable=SC2086
fetch() { (cd "$folder/packages" && apt-get -q -c "$apt" download $packages) >"$log" 2>&1; }
fetch_twice "$apt" "$log" fetch ||
	fail "cannot fetch lttng-tools for $arch (no network?); expected Debian's archive to answer; log: $log"
for package in "$folder"/packages/*.deb; do
	dpkg-deb -x "$package" "$folder/root" || fail "cannot unpack $package; remove $folder"
done
rm -r "$folder/packages"
[ -x "$folder/root/usr/bin/lttng-sessiond" ] || fail "lttng-tools of $arch holds no usr/bin/lttng-sessiond"
echo "$packages" >"$folder/complete"
echo "board: LTTng's session daemon for $arch fetched" >&2
echo "$folder"
