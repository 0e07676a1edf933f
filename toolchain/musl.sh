#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds takt's core, its Linux port and their unit tests against musl, another C library, and passes them with both semaphores.
# What takt needs comes from Debian's own source packages, built against musl into build/musl-libc; nothing of the host changes.
# usage: toolchain/musl.sh [--set-up-only]
set -eu
cd "$(dirname "$0")/.."
case ${1:-} in
'' | --set-up-only) ;;
*)
	echo "usage: $0 [--set-up-only]" >&2
	exit 2
	;;
esac
urcu=0.13.2 yaml=0.2.5 cmocka=1.1.5
packages="liburcu=$urcu-1 libyaml=$yaml-1 cmocka=$cmocka-2.1"
root=$PWD/build/musl-libc
jobs=$(nproc)
machine=$(uname -m)
began=$(date +%s)

complain() {
	echo "musl: $1" >&2
	exit 1
}

# A list of its own with the host's mirror and suite, so that the host's need not name sources.
fetch_sources() {
	line=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 'Component: main' |
		awk '$1 ~ /debian\/?$/ && $2 !~ /-/ { print; exit }')
	[ -n "$line" ] || complain "this host's apt names no Debian mirror with the component 'main'"
	# shellcheck disable=SC2086
	set -- $line
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	[ ! -e $keys ] || signed="[signed-by=$keys] "
	mkdir -p "$root/apt/lists/partial" "$root/sources"
	echo "deb-src ${signed:-}$1 $2 main" >"$root/apt/sources.list"
	options="-q -o Dir::Etc::SourceList=$root/apt/sources.list -o Dir::Etc::SourceParts=/dev/null
		-o Dir::State::Lists=$root/apt/lists -o Acquire::Languages=none -o APT::Sandbox::User=$(id -un)
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache="
	# shellcheck disable=SC2086
	(cd "$root/sources" && apt-get $options update && apt-get $options source $packages) >"$root/fetch.log" 2>&1 || {
		tail -5 "$root/fetch.log" >&2
		complain "cannot fetch the source packages $packages from $1 $2"
	}
}

# musl-tools has no kernel headers, and those of the host stand among glibc's.
link_kernel_headers() {
	mkdir -p "$root/kernel"
	for folder in linux asm-generic; do
		ln -sfn "/usr/include/$folder" "$root/kernel/$folder"
	done
	ln -sfn "/usr/include/$machine-linux-gnu/asm" "$root/kernel/asm"
}

build_libraries() {
	(cmake -G Ninja -S toolchain/musl -B "$root/libraries" -DCMAKE_C_COMPILER=musl-gcc -DCMAKE_C_FLAGS="-isystem $root/kernel" \
		-DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_INSTALL_PREFIX="$root" \
		-DCMAKE_INSTALL_LIBDIR=lib -DSOURCES="$root/sources" -DURCU_VERSION=$urcu -DYAML_VERSION=$yaml \
		-DCMOCKA_VERSION=$cmocka && cmake --build "$root/libraries" -j "$jobs" &&
		cmake --install "$root/libraries") >"$root/libraries.log" 2>&1 || {
		tail -20 "$root/libraries.log" >&2
		complain "cannot build liburcu, libyaml and cmocka against musl; all of it: $root/libraries.log"
	}
}

# libcyaml is taken as Debian built it. Its static library uses the C library through plain functions alone, listed here and compared
# with what it really asks for; those that glibc's hardening put in place of plain ones are in musl/fortify.c.
cyaml_calls="__errno_location __fprintf_chk __memcpy_chk __sprintf_chk __stack_chk_fail __vfprintf_chk fclose fopen free memcmp memcpy
	memset realloc stderr strcmp strlen strtod strtof strtoll strtoull"
take_libcyaml() {
	library=/usr/lib/$machine-linux-gnu/libcyaml.a
	for name in $(nm --undefined-only "$library" | awk 'NF == 2 && $2 !~ /^(yaml_|cyaml_|_GLOBAL_OFFSET_TABLE_)/ { print $2 }' | sort -u); do
		case " $(echo $cyaml_calls) " in
		*" $name "*) ;;
		*) complain "$library uses '$name' of glibc, of which nobody looked whether musl has the same: look, and add it to $0" ;;
		esac
	done
	cp "$library" "$root/lib/libcyaml.a"
	cp /usr/include/cyaml -r "$root/include/"
	musl-gcc -O2 -fPIC -Wall -Wextra -Werror -c toolchain/musl/fortify.c -o "$root/fortify.o"
	ar rcs "$root/lib/libcyaml.a" "$root/fortify.o"
	sed -e "s|^prefix=.*|prefix=$root|" -e "s|^libdir=.*|libdir=$root/lib|" -e "s|^includedir=.*|includedir=$root/include|" \
		"/usr/lib/$machine-linux-gnu/pkgconfig/libcyaml.pc" >"$root/lib/pkgconfig/libcyaml.pc"
}

set_up() {
	toolchain/setup.sh musl
	wanted="$packages $(dpkg-query -W -f '${Package}=${Version} ' musl-tools libcyaml-dev linux-libc-dev gcc) $(cat "$0" toolchain/musl/* | cksum)"
	[ "$(cat "$root/complete" 2>/dev/null)" != "$wanted" ] || return 0
	rm -rf "$root"
	mkdir -p "$root/lib/pkgconfig"
	fetch_sources
	link_kernel_headers
	build_libraries
	take_libcyaml
	echo "$wanted" >"$root/complete"
}

set_up
echo "musl: what takt needs is ready in build/musl-libc, after $(($(date +%s) - began)) s"
[ "${1:-}" != --set-up-only ] || exit 0
cmake --preset musl >/dev/null
cmake --build --preset musl -j "$jobs" -- --quiet
ctest --preset musl -j "$jobs" --no-tests=error
# The second semaphore needs what depends on it.
cmake --preset musl-posix-sem >/dev/null
cmake --build --preset musl-posix-sem -j "$jobs" --target test_platform_sem test_core_lock test_core_waiter test_core_topic \
	test_core_loop -- --quiet
ctest --preset musl-posix-sem -j "$jobs" --no-tests=error -R '^unit\.(platform|core)\.(sem|lock|waiter|topic|loop)$'
echo "toolchain/musl.sh: all passed in $(($(date +%s) - began)) s"
