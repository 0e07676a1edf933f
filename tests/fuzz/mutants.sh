#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Breaks takt's readers on purpose and requires that the fuzz target's corpus notices. usage: mutants.sh SOURCE INCLUDE
# A mutant says which file it changes and which target fails. Built with gcc's sanitizers and the plain replay, so that it needs no clang.
source=${1:?"usage: mutants.sh SOURCE_FOLDER INCLUDE_FOLDER"}
include=${2:?}
here=$source/tests/fuzz
. "$here/../mutants.sh"
unit_folders="core apps/takt"
TAKT_FUZZ_FOLDER=$(mktemp -d /dev/shm/fuzz-XXXXXX) || exit 2
export TAKT_FUZZ_FOLDER
trap 'rm -rf "$work" "$TAKT_FUZZ_FOLDER"' EXIT
libraries=$(pkg-config --libs libcyaml yaml-0.1 liburcu-qsbr jansson)
flags="-std=c11 -O1 -g1 -D_GNU_SOURCE -DTAKT_PROGRAMS=\"libexec/takt\" -fsanitize=address,undefined -fno-sanitize-recover=all -I$include"
jobs=$(nproc)
CC=${CC:-cc} FLAGS="-w $flags" BASE=$work/base
export CC FLAGS BASE

# Everything once, as it is; a mutant then replaces the objects that it changes.
build_base() {
	cd "$source" || exit 2
	mkdir -p "$work/base"
	{
		# One of each pair of files that CMake chooses between, and nothing of traces, which no target reads.
		find core apps/takt platform -name '*.c' ! -path apps/takt/main.c ! -name sem_posix.c ! -name '*_none.c' ! -name 'trace*.c'
		echo apps/sensor/recording.c
		echo apps/sensor/machine_state.c
		find tests/fuzz -name '*.c'
	} >"$work/units"
	# shellcheck disable=SC2016
	xargs -P "$jobs" -n 1 sh -c '"$CC" $FLAGS -I. -c "$0" -o "$BASE/$(echo "$0" | tr / .).o"' <"$work/units" || exit 2
	ar rc "$work/base.a" "$work"/base/core.*.o "$work"/base/platform.*.o "$work"/base/apps.*.o
}

# link NAME TARGET OBJECT...: the target with some objects put before those of the archive.
link() {
	program=$work/$1
	target=$2
	shift 2
	wrap=""
	[ "$target" != commander ] || wrap="-Wl,--wrap=takt_os_pipe_wait -Wl,--wrap=takt_os_pipe_read"
	# shellcheck disable=SC2086
	"$CC" -fsanitize=address,undefined -o "$program" "$BASE/tests.fuzz.fuzz_$target.c.o" "$BASE/tests.fuzz.replay.c.o" \
		"$BASE/tests.fuzz.fuzz.c.o" "$BASE/tests.fuzz.fuzz_domain.c.o" "$@" "$work/base.a" $wrap $libraries -lcsv -lm -pthread
}

# A target ends in the sanitizer's or its own way, so what counts is that it failed and that a check says why.
catch() {
	# shellcheck disable=SC2086
	compile $flags && link "$name" "$(field target)" $built || return 1
	result=0
	timeout 60 "$work/$name" "$here/corpus/$target" >"$work/$name.log" 2>&1 || result=1
	judge $result 'FUZZ_CHECK.*hold|AddressSanitizer: [a-zA-Z-]+|runtime error: .*|bug in this process.*|LeakSanitizer.*'
}

build_base
# What is not broken passes: else every mutant would be "caught".
for target in $(sed -n 's/^# target: //p' "$here"/mutants/*.sed | sort -u); do
	link "base_$target" "$target" && "$work/base_$target" "$here/corpus/$target" >"$work/log" 2>&1 || {
		echo "mutants: $target fails unbroken:" >&2
		tail -8 "$work/log" >&2
		exit 1
	}
done
try_mutants "$jobs" "$here"/mutants/*.sed
