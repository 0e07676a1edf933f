#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What toolchain/'s scripts say where something is wrong: another architecture, no emulator, no network, no package, no Debian. The scripts
# run in a tree of their own, with a PATH that has only what the case has; nothing is installed, fetched or built. usage: test_bad_input.sh
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree" "$work/bin"
cp -r "$root/toolchain" "$work/tree"
for tool in sh bash env cat cut sed awk grep head tail tr sort uniq dirname basename mkdir rm mv ln find date id flock sha256sum touch nproc sleep \
	xargs stat du timeout; do
	ln -s "$(command -v $tool)" "$work/bin/$tool"
done
passed=0
failed=0
# fake TOOL LINE...: a program of this name that does this.
fake() {
	local tool=$1
	shift
	rm -f "$work/bin/$tool"
	printf '%s\n' '#!/bin/sh' "$@" >"$work/bin/$tool"
	chmod +x "$work/bin/$tool"
}
# refuse EXIT-CODE WORDS COMMAND...: it ends so and says so.
refuse() {
	local wanted=$1 words=$2 said
	shift 2
	said=$(cd "$work/tree" && PATH=$work/bin timeout 60 "$@" 2>&1 </dev/null)
	local result=$?
	# cmake breaks lines.
	if [ $result = "$wanted" ] && tr -s '[:space:]' ' ' <<<"$said" | grep -E -- "$words" >/dev/null; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $*: exit code $result, expected $wanted and the words: $words"
		sed 's/^/	/' <<<"$said"
	fi
}

# Another architecture, another argument.
for script in cross board sysroot board-kernel package; do
	refuse 2 "unknown architecture 'riscv64'.*(usage|expected).*aarch64" toolchain/$script.sh riscv64
done
refuse 2 "unknown architecture ''; usage" toolchain/cross.sh
refuse 2 "unknown argument '--tset'; usage" toolchain/cross.sh aarch64 --tset
refuse 2 "unknown argument '--real-time'; usage" toolchain/board.sh armhf --real-time
refuse 2 "needs aarch64 --rt --virtual-time" toolchain/board.sh armhf --update

# No Debian: what is wanted is named, to be installed by hand.
for set in cross board; do
	refuse 1 "setup: there is no (dpkg-query|apt-get).*Debian 12.*qemu-user" toolchain/setup.sh $set
done

# Debian, and nothing installed: no right, no network, no such package.
fake dpkg-query 'exit 1'
fake apt-get 'exit 0'
fake id 'echo 1000'
refuse 1 "not root, and there is no sudo; run as root: apt-get install .*qemu-user" toolchain/setup.sh cross
fake id 'echo 0'
fake apt-get '[ "$3" != update ] && [ "$4" != update ] && exit 0; echo "E: Temporary failure resolving the archive" >&2; exit 100'
refuse 1 "setup: apt cannot read its lists of packages \(no network\?\)" toolchain/setup.sh board
fake apt-get 'case "$*" in *update*) exit 0 ;; esac; echo "E: Unable to locate package qemu-system-arm" >&2; exit 100'
refuse 1 "setup: apt cannot install what is missing.*Debian 12.*qemu-system-arm" toolchain/setup.sh board
refuse 1 "Unable to locate package" toolchain/cross.sh aarch64

# All is installed as dpkg says, and yet a program is not found: before anything is fetched or built.
fake dpkg-query 'printf installed'
fake apt-get 'echo "fetched something" >&2; exit 100'
refuse 1 "there is no qemu-aarch64.*toolchain/setup.sh cross installs it \(qemu-user\)" toolchain/cross.sh aarch64 --test
refuse 1 "there is no qemu-arm,.*qemu-user" toolchain/cross.sh armhf --test
refuse 1 "there is no qemu-system-aarch64; .*qemu-system-arm" toolchain/board.sh aarch64 --rt
refuse 1 "there is no qemu-system-arm; .*qemu-system-arm" toolchain/board.sh armhf
refuse 1 "sysroot: there is no dpkg-deb; .*Debian" toolchain/sysroot.sh aarch64

# No network, and nothing fetched before.
fake dpkg-deb 'exit 0'
fake apt-get 'case "$*" in *indextargets*) echo "http://archive.invalid/debian bookworm main Debian "; exit 0 ;; esac
	echo "E: Temporary failure resolving the archive" >&2; exit 100'
fake qemu-aarch64 'exit 0'
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
sed -i "s/bookworm/$codename/" "$work/bin/apt-get"
refuse 1 "cannot read the list of arm64 packages from http://archive.invalid/debian \(no network\?\)" toolchain/cross.sh aarch64 --test
refuse 1 "cannot read the list of armhf packages" toolchain/sysroot.sh armhf
fake apt-get 'case "$*" in *indextargets*) exit 0 ;; esac; exit 100'
refuse 1 "apt on this machine has no source of Debian's '$codename main'; expected one in" toolchain/sysroot.sh aarch64
rm -rf "$work/tree/build"
refuse 1 "there is no .*apt.conf: toolchain/sysroot.sh aarch64 makes it" toolchain/board-kernel.sh aarch64
mkdir -p "$work/tree/build/sysroot/aarch64.apt" && : >"$work/tree/build/sysroot/aarch64.apt/apt.conf"
fake apt-cache 'exit 0'
refuse 1 "cannot fetch the kernel 'linux-image-rt-arm64' .*\(no network\?\)" toolchain/board-kernel.sh aarch64 --rt

# Packages of a board whose libraries are not there.
rm -rf "$work/tree/build"
fake dpkg '[ "$1" != --print-architecture ] || echo amd64'
refuse 1 "there is no sysroot of armhf: make it with toolchain/cross.sh armhf" toolchain/package.sh armhf

# An outside project with the toolchain file: without the board's libraries, and without a compiler.
ln -s "$(command -v cmake)" "$work/bin/cmake"
printf 'cmake_minimum_required(VERSION 3.22)\nproject(outside C)\n' >"$work/tree/CMakeLists.txt"
refuse 1 "there is no sysroot in .*make it with toolchain/cross.sh aarch64" \
	cmake -S . -B build/x -D CMAKE_TOOLCHAIN_FILE="$work/tree/toolchain/aarch64-linux-gnu.cmake"
mkdir -p "$work/tree/build/sysroot/armhf/usr/include"
refuse 1 "there is no arm-linux-gnueabihf-gcc: install it with toolchain/setup.sh cross" \
	cmake -S . -B build/y -D CMAKE_TOOLCHAIN_FILE="$work/tree/toolchain/arm-linux-gnueabihf.cmake"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
