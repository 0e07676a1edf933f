#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# takt as others see it: installed into a tree of its own, moved elsewhere, and used by an outside C and an outside C++ program, found by
# pkg-config and by CMake, linked to the shared and to the static library. usage: test_outside.sh BUILD [EMULATOR...]
set -u
build=$(cd "$1" && pwd)
shift
emulator=("$@")
own=$(cd "$(dirname "$0")" && pwd)
cc=${CC:-cc}
cxx=${CXX:-c++}
work=$(mktemp -d)
TAKT_SHM_FOLDER=$(mktemp -d /dev/shm/takt-test-install-XXXXXX)
export TAKT_SHM_FOLDER
trap 'rm -rf "$work" "$TAKT_SHM_FOLDER"' EXIT
trap 'exit 130' INT TERM
. "$(dirname "$0")/../expect.sh"
refuse() { # DESCRIPTION WORDS COMMAND...: fails, and says WORDS
	local what=$1 words=$2
	shift 2
	if "$@" >"$work/said" 2>&1 || ! tr '\n' ' ' <"$work/said" | tr -s ' ' | grep -qF "$words"; then
		echo "FAILED: $what" >&2
		sed 's/^/	/' "$work/said" >&2
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}

cmake --install "$build" --prefix "$work/first" >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
# A tree may be moved.
mv "$work/first" "$work/tree"
tree=$work/tree
library=$(dirname "$(find "$tree" -name libtakt.a)")
export PKG_CONFIG_PATH=$library/pkgconfig${PKG_CONFIG_LIBDIR:+:$PKG_CONFIG_LIBDIR}

# ------------------------------------------------------------------------------------------------- what is there
expect "each header compiles alone" env CC="$cc" CXX="$cxx" "$own/../lint/headers.sh" "$tree/include"
# Those of core/CMakeLists.txt, and what an include line of theirs names is there: no header of the inside came along.
listed=$(sed -n '/^set(TAKT_PUBLIC_HEADERS/,/)/p' "$own/../../core/CMakeLists.txt" | grep -oE '[a-z_]+\.h' | sort)
expect "the installed headers are the public ones" diff <(echo "$listed") <(cd "$tree/include/takt" && printf '%s\n' * | sort)
expect "no include line names a folder of the source" bash -c "! grep -rnE 'include \"(core|platform)/' '$tree/include'"

# The version nodes are symbols too.
foreign=$(nm -D --defined-only "$library/libtakt.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | grep -v '^takt_')
expect "libtakt.so exports nothing without takt_: $foreign" [ -z "$foreign" ]
exported=$(nm -D --defined-only "$library/libtakt.so" | grep -c ' T takt_')
expect "libtakt.so exports $exported functions" [ "$exported" -gt 100 ]
expect "its name is libtakt.so.0" bash -c "objdump -p '$library/libtakt.so' | grep -q 'SONAME *libtakt.so.0$'"
expect "what stands in a header is public" bash -c "nm -D --defined-only '$library/libtakt.so' | grep -q ' takt_publish@@TAKT_0$'"
expect "what stands in none is private" bash -c \
	"nm -D --defined-only '$library/libtakt.so' | grep -q ' takt_topic_segment_open@@TAKT_PRIVATE$'"
for program in bin/takt libexec/takt/sensor libtakt.so; do
	[ -e "$tree/$program" ] || continue
	expect "$program names no folder of the machine that built it" bash -c "! objdump -p '$tree/$program' | grep -E 'R(UN)?PATH'"
done

# ------------------------------------------------------------------------------------------- the outside programs
run_both() { # HOW FOLDER
	local language how=$1 folder=$2
	for language in c cpp; do
		expect "outside program in $language, $how" "${emulator[@]}" "$folder/outside_$language" "$own/outside/outside.yaml"
		expect "it said so, $how" grep -qx 'C[+]*: 100 samples, none lost' "$work/previous"
		rm -rf "${TAKT_SHM_FOLDER:?}"/takt.outside
	done
	"${emulator[@]}" "$folder/outside_c" --places >"$work/places.c"
	"${emulator[@]}" "$folder/outside_cpp" --places >"$work/places.cpp"
	expect "there are places to compare, $how" [ "$(wc -l <"$work/places.c")" -gt 20 ]
	expect "C and C++ agree on every place in the handles, $how" diff "$work/places.c" "$work/places.cpp"
}
is_linked_to_shared() { objdump -p "$1" | grep -q 'NEEDED *libtakt.so.0'; }
is_linked_to_static() { ! is_linked_to_shared "$1"; }

warnings="-Wall -Wextra -Wpedantic -Werror"
for kind in shared static; do
	mkdir "$work/pc-$kind"
	flags=""
	[ $kind = shared ] || flags=--static
	cflags=$(pkg-config --cflags takt)
	libraries=$(pkg-config --libs $flags takt)
	# -Bstatic for takt alone: the libraries below it may be shared.
	[ $kind = shared ] || libraries=${libraries/-ltakt/-Wl,-Bstatic -ltakt -Wl,-Bdynamic}
	for language in c cpp; do
		compiler="$cc -std=c11"
		[ $language = c ] || compiler="$cxx -std=c++17 -pthread"
		# shellcheck disable=SC2086
		expect "pkg-config, $kind, $language builds" $compiler $warnings $cflags "$own/outside/outside.$language" \
			-o "$work/pc-$kind/outside_$language" $libraries -Wl,-rpath,"$library"
		expect "pkg-config, $kind, $language is so linked" is_linked_to_$kind "$work/pc-$kind/outside_$language"
	done
	run_both "pkg-config, $kind" "$work/pc-$kind"
done

configure() { # FOLDER OPTION...
	local folder=$1
	shift
	cmake -S "$own/outside" -B "$folder" -G Ninja -DCMAKE_PREFIX_PATH="$tree" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" "$@"
}
for kind in shared static; do
	folder=$work/cmake-$kind
	expect "CMake, $kind configures" configure "$folder" -DOUTSIDE_COMPONENTS="COMPONENTS;$kind"
	expect "CMake, $kind builds" cmake --build "$folder"
	for language in c cpp; do
		expect "CMake, $kind, $language is so linked" is_linked_to_$kind "$folder/outside_$language"
	done
	run_both "CMake, $kind" "$folder"
done
expect "CMake takes the shared library unasked" configure "$work/cmake-any"
expect "and links it" cmake --build "$work/cmake-any" --target outside_c
expect "which shows" is_linked_to_shared "$work/cmake-any/outside_c"
expect "BUILD_SHARED_LIBS=OFF asks for the static one" configure "$work/cmake-off" -DBUILD_SHARED_LIBS=OFF
expect "and links that" cmake --build "$work/cmake-off" --target outside_c
expect "which shows as well" is_linked_to_static "$work/cmake-off/outside_c"
refuse "an unknown component" "takt has no component 'rust'; there are: shared, static" configure "$work/bad" -DOUTSIDE_COMPONENTS="COMPONENTS;rust"
sed 's/find_package(takt 0.1/find_package(takt 0.9/' "$own/outside/CMakeLists.txt" >"$work/newer"
mkdir "$work/newer-project"
cp "$own"/outside/* "$work/newer-project"
mv "$work/newer" "$work/newer-project/CMakeLists.txt"
refuse "a version that is not there" "version: 0.1." cmake -S "$work/newer-project" -B "$work/bad2" -G Ninja -DCMAKE_PREFIX_PATH="$tree"
# Without what libtakt.a is made with: the message says what is missing; the shared library needs none of it.
refuse "static without its libraries" "libtakt.a needs libcyaml" env PKG_CONFIG_LIBDIR=/nonexistent PKG_CONFIG_PATH= \
	cmake -S "$own/outside" -B "$work/bad3" -G Ninja -DCMAKE_PREFIX_PATH="$tree" -DOUTSIDE_COMPONENTS="COMPONENTS;static"
expect "shared without them" env PKG_CONFIG_LIBDIR=/nonexistent PKG_CONFIG_PATH= \
	cmake -S "$own/outside" -B "$work/good3" -G Ninja -DCMAKE_PREFIX_PATH="$tree"

conclude
