#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches Debian's kernel and a static busybox of a board's architecture, unpacks them in build/board, and prints the folder.
# What is there is kept: remove build/board/ARCH[-rt] for a newer kernel. usage: toolchain/board-kernel.sh aarch64|armhf [--rt]
set -eu
cd "$(dirname "$0")/.."
. toolchain/board-fetch.sh
usage="usage: toolchain/board-kernel.sh aarch64|armhf [--rt]"
fail() {
	echo "board: $*" >&2
	exit 1
}
case ${1:-} in
aarch64) flavour=arm64 ;;
armhf) flavour=armmp ;;
*)
	echo "board: unknown architecture '${1:-}'; $usage" >&2
	exit 2
	;;
esac
arch=$1
case ${2:-} in
"") name=$arch meta=linux-image-$flavour ;;
--rt) name=$arch-rt meta=linux-image-rt-$flavour ;;
*)
	echo "board: unknown argument '$2'; $usage" >&2
	exit 2
	;;
esac
folder=$PWD/build/board/$name
if [ -f "$folder/complete" ]; then
	echo "$folder"
	exit 0
fi

apt=$PWD/build/sysroot/$arch.apt/apt.conf
[ -f "$apt" ] || fail "there is no $apt: toolchain/sysroot.sh $arch makes it"
rm -rf "$folder"
mkdir -p "$folder"
log=$folder/log
find_package() { apt-cache -c "$apt" depends "$meta" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -1; }
fetch() {
	package=$(find_package)
	[ -n "$package" ] && (cd "$folder" && apt-get -q -c "$apt" download "$package" busybox-static) >"$log" 2>&1
}
fetch_twice "$apt" "$log" fetch ||
	fail "cannot fetch the kernel '$meta' and busybox-static for $arch (no network?); expected Debian's archive to answer; log: $log"
echo "board: $package fetched" >&2
dpkg-deb -x "$folder"/busybox-static_*.deb "$folder/busybox" || fail "cannot unpack $folder/busybox-static_*.deb; remove $folder"
dpkg-deb -x "$folder"/linux-image-*.deb "$folder/kernel" || fail "cannot unpack $folder/linux-image-*.deb; remove $folder"
[ -f "$(echo "$folder"/kernel/boot/vmlinuz-*)" ] || fail "$package holds no boot/vmlinuz-*; expected one kernel"
echo "$package" >"$folder/complete"
echo "$folder"
