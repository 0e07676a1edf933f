#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes Debian's packages of takt, libtakt0, libtakt-dev, libtakt-lttng0 and takt, and looks at them with lintian. They are left in build/packages.
# usage: toolchain/package.sh [amd64|aarch64|armhf]...   without one: this machine's. A board's needs toolchain/cross.sh to have run: its
# libraries are in build/sysroot.
set -eu
cd "$(dirname "$0")/.."
fail() {
	echo "package: $*" >&2
	exit 1
}
for arch in "$@"; do
	case $arch in
	amd64 | arm64 | aarch64 | armhf) ;;
	*)
		echo "package: unknown architecture '$arch'; usage: toolchain/package.sh [amd64|aarch64|armhf]..." >&2
		exit 2
		;;
	esac
done
toolchain/setup.sh package
own=$(dpkg --print-architecture)
[ $# -gt 0 ] || set -- "$own"

# Which package each of a board's libraries is of: dpkg's own files, made of the packages that the sysroot was made of.
make_database() {
	sysroot=$PWD/build/sysroot/$1
	database=$sysroot.dpkg
	[ -f "$sysroot/.takt-sysroot" ] || fail "there is no sysroot of $1: make it with toolchain/cross.sh $1"
	! cmp -s "$sysroot/.takt-sysroot" "$database/made-of" || return 0
	rm -rf "$database"
	mkdir -p "$database/info" "$database/triggers" "$database/updates" "$database/archives/partial"
	echo 1 >"$database/info/format" # names with :ARCH
	developers=$(tr ' \n\t' '\n' <"$sysroot/.takt-sysroot" | grep -E '^[a-z0-9+.-]+-dev$')
	# shellcheck disable=SC2086
	apt-get -q -y -c "$sysroot.apt/apt.conf" -o Dir::Cache::archives="$database/archives" --download-only install $developers \
		>"$database/log" 2>&1 || {
		tail -5 "$database/log" >&2
		fail "cannot fetch the packages of $1 (no network?); the whole log: $database/log"
	}
	for archive in "$database"/archives/*.deb; do
		name=$(dpkg-deb -f "$archive" Package)
		[ "$(dpkg-deb -f "$archive" Multi-Arch)" != same ] || name=$name:$(dpkg-deb -f "$archive" Architecture)
		dpkg-deb -f "$archive" | sed '/^Package: /a Status: install ok installed' >>"$database/status"
		echo >>"$database/status"
		for file in symbols shlibs; do
			dpkg-deb -I "$archive" $file >"$database/info/$name.$file" 2>/dev/null || rm -f "$database/info/$name.$file"
		done
		# Both spellings of a folder that is one: /lib is a link to /usr/lib.
		dpkg-deb --fsys-tarfile "$archive" | tar -t | sed -n "s|^\./|/|; s|/$||; /./{s|^|$sysroot|p}" >"$database/info/$name.list"
	done
	rm -rf "$database/archives"
	cp "$sysroot/.takt-sysroot" "$database/made-of"
}

for arch in "$@"; do
	case $arch in
	arm64 | aarch64) debian=arm64 board=aarch64 toolchain=toolchain/aarch64-linux-gnu.cmake ;;
	armhf) debian=armhf board=armhf toolchain=toolchain/arm-linux-gnueabihf.cmake ;;
	*) debian=amd64 board="" toolchain="" ;;
	esac
	if [ $debian = "$own" ]; then
		toolchain=""
	else
		[ -n "$toolchain" ] || fail "packages of $arch are made on a machine of $arch"
		make_database $board
	fi
	build=build/package/$debian
	export CC=cc # dpkg-architecture asks it what it makes
	[ -z "$toolchain" ] || CC=$(basename "$toolchain" .cmake)-gcc
	flags=$(dpkg-architecture -a$debian -c dpkg-buildflags --get CFLAGS)
	flags="$flags $(dpkg-architecture -a$debian -c dpkg-buildflags --get CPPFLAGS)"
	linker=$(DEB_BUILD_MAINT_OPTIONS=hardening=+bindnow dpkg-architecture -a$debian -c dpkg-buildflags --get LDFLAGS)
	cmake -S . -B $build -G Ninja --no-warn-unused-cli ${toolchain:+--toolchain $toolchain} -D CMAKE_INSTALL_PREFIX=/usr -D CMAKE_INSTALL_SYSCONFDIR=/etc \
		-D CMAKE_BUILD_TYPE=RelWithDebInfo -D CMAKE_C_FLAGS="$flags" -D CMAKE_SHARED_LINKER_FLAGS="$linker" \
		-D CMAKE_EXE_LINKER_FLAGS="$linker" -D BUILD_SHARED_LIBS=ON -D TAKT_TRACING=ON -D TAKT_TESTS=OFF -D TAKT_WERROR=OFF >"build/package-$debian.log" || {
		tail -20 "build/package-$debian.log" >&2
		fail "cannot configure for $debian"
	}
	cmake --build $build -j "${TAKT_JOBS:-$(nproc)}" -- --quiet
	rm -rf $build/packages
	(cd $build && cpack >../../package-$debian.log 2>&1) || {
		tail -20 "build/package-$debian.log" >&2
		fail "cpack failed for $debian; the whole log: build/package-$debian.log"
	}
	mkdir -p build/packages
	cp $build/packages/*.deb build/packages
	# The packages go to no archive of Debian's, so no report there waits for them.
	lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs --tag-display-limit 0 \
		$build/packages/*.deb || fail "lintian is not content with $debian"
	for package in $build/packages/*.deb; do
		echo "package: build/packages/$(basename "$package"), $(($(stat -c %s "$package") / 1024)) KiB"
	done
done
