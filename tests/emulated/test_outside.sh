#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An outside project, in C and in C++, is built for the board as the README says: takt lies in the sysroot, where toolchain/cross.sh puts
# it, and the project is given takt's toolchain file and nothing else; by CMake and by pkg-config. The programs run emulated.
# usage: test_outside.sh BUILD TOOLCHAIN-FILE SYSROOT TRIPLE EMULATOR...
set -u
build=$(realpath "$1")
toolchain=$(realpath "$2")
sysroot=$(realpath "$3")
triple=$4
shift 4
emulator=("$@")
project=$(realpath "$(dirname "$0")/../install/outside")
work=$(mktemp -d)
TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/takt-test-outside.XXXXXX)
export TAKT_SHM_FOLDER
trap 'rm -rf "$work" "$TAKT_SHM_FOLDER"' EXIT
trap 'exit 130' INT TERM
. "$(dirname "$0")/../expect.sh"
run() { # PROGRAM: it runs, loses nothing, and says so
	"${emulator[@]}" "$1" "$project/outside.yaml" >"$work/ran" 2>&1 && grep -qx 'C[+]*: 100 samples, none lost' "$work/ran"
	local result=$?
	cat "$work/ran"
	rm -rf "${TAKT_SHM_FOLDER:?}"/*
	return $result
}
is_for_the_board() { "$triple-readelf" -h "$1" | grep -qE 'Machine: *(AArch64|ARM)$'; }
# As a user's shell has it.
unset CC CXX CFLAGS PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR

expect "takt goes into the sysroot" env DESTDIR="$sysroot" cmake --install "$build"
for kind in shared static; do
	folder=$work/$kind
	expect "CMake, $kind configures" cmake -S "$project" -B "$folder" -G Ninja -D CMAKE_TOOLCHAIN_FILE="$toolchain" \
		-D OUTSIDE_COMPONENTS="COMPONENTS;$kind"
	expect "CMake, $kind builds" cmake --build "$folder"
	for language in c cpp; do
		expect "CMake, $kind, $language is a program of the board" is_for_the_board "$folder/outside_$language"
		expect "CMake, $kind, $language runs" run "$folder/outside_$language"
	done
done
export PKG_CONFIG_SYSROOT_DIR=$sysroot PKG_CONFIG_LIBDIR=$sysroot/usr/lib/$triple/pkgconfig:$sysroot/usr/share/pkgconfig
# shellcheck disable=SC2046
expect "pkg-config builds" "$triple-gcc" --sysroot="$sysroot" -std=c11 "$project/outside.c" $(pkg-config --cflags --libs takt) \
	-o "$work/outside_pc"
expect "pkg-config: runs" run "$work/outside_pc"

# A toolchain file without its sysroot says what to do.
cmake -S "$project" -B "$work/bare" -G Ninja -D CMAKE_TOOLCHAIN_FILE="$toolchain" -D TAKT_SYSROOT="$work/nothing" >"$work/bare.log" 2>&1
expect "no sysroot is an error" [ $? -ne 0 ]
expect "which says what makes one" bash -c "tr '\n' ' ' <'$work/bare.log' | tr -s ' ' | grep -q 'there is no sysroot in .*toolchain/cross.sh'"
conclude
