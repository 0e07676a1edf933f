#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes packages and looks into them: the files, the fields, what the programs are for, and that lintian is content (package.sh asks it).
# usage: test_packages.sh [aarch64|armhf]    without one: this machine's; a board's needs toolchain/cross.sh to have run
set -u
cd "$(dirname "$0")/../.." || exit 2
for tool in cpack dpkg-shlibdeps dpkg-gensymbols lintian file readelf; do
	command -v $tool >/dev/null || {
		echo "skipped: there is no $tool: toolchain/setup.sh package installs it"
		exit 77
	}
done
. tests/expect.sh
case ${1:-} in
"") arch=$(dpkg --print-architecture) machine=$(uname -m) loader='' ;;
aarch64) arch=arm64 machine=AArch64 loader=ld-linux-aarch64.so.1 ;;
armhf) arch=armhf machine=ARM loader=ld-linux-armhf.so.3 ;;
*)
	echo "test_packages: unknown architecture '$1'; usage: $0 [aarch64|armhf]" >&2
	exit 2
	;;
esac
[ "$machine" != x86_64 ] || machine=X86-64
rm -f build/packages/*_"$arch".deb
toolchain/package.sh "$@" || exit 1
field() { dpkg-deb -f build/packages/"$1"_*_"$arch".deb "$2"; }
has() { dpkg-deb -c build/packages/"$1"_*_"$arch".deb | grep -E " \./$2( |\$)" >/dev/null; }
control() { dpkg-deb -I build/packages/"$1"_*_"$arch".deb "$2"; }
triplet=$(CC=cc dpkg-architecture -f -a"$arch" -q DEB_HOST_MULTIARCH)
version=$(field libtakt0 Version)
expect "there are four" [ "$(find build/packages -name "*_$arch.deb" | wc -l)" = 4 ]
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
for package in libtakt0 libtakt-dev libtakt-lttng0 takt; do
	expect "$package is for $arch" [ "$(field $package Architecture)" = "$arch" ]
	expect "$package is of one version with libtakt0" [ "$(field $package Version)" = "$version" ]
	dpkg-deb -x build/packages/${package}_*_"$arch".deb "$unpacked"
done
is_for_machine() { readelf -h "$1" | grep -qE "Machine: *(.* )?$machine\$"; }
is_stripped() { ! readelf -SW "$1" | grep -qE ' \.(symtab|debug_info) '; }
programs=0
while read -r program; do
	programs=$((programs + 1))
	expect "$program is for $machine" is_for_machine "$unpacked/$program"
	expect "$program is stripped" is_stripped "$unpacked/$program"
	[ -z "$loader" ] || expect "$program is started by $loader" \
		bash -c "! readelf -l '$unpacked/$program' | grep 'interpreter:' | grep -vq '/$loader]'"
done < <(cd "$unpacked" && find usr -type f \( -path '*/bin/*' -o -path '*/libexec/*' -o -name '*.so.*' \) -exec sh -c \
	'head -c 4 "$1" | grep -q ELF && echo "$1"' sh {} \;)
expect "programs and libraries were looked at: $programs" [ "$programs" -ge 5 ]
expect "libtakt0 depends on what libtakt is linked to" grep -qE 'libc6 \(>= [0-9.]+\).*libcyaml1.*liburcu8.*libyaml-0-2' <(field libtakt0 Depends)
expect "and may be installed for several architectures" [ "$(field libtakt0 Multi-Arch)" = same ]
expect "takt depends on exactly its libtakt0" grep -qF "libtakt0 (= $version)" <(field takt Depends)
expect "and on the demo's and the output's libraries" grep -qE 'libcsv3.*libjansson4' <(field takt Depends)
expect "takt recommends what it reads traces with" grep -qw libbabeltrace2-0 <(field takt Recommends)
expect "and does without" bash -c "! dpkg-deb -f build/packages/takt_*_$arch.deb Depends | grep -q babeltrace"
expect "libtakt-dev depends on exactly its libtakt0" grep -qF "libtakt0 (= $version)" <(field libtakt-dev Depends)
for module in $(sed -n 's/^Requires.private: *//p' "build/package/$arch/toolchain/install/takt.pc" | tr -d ,); do
	owner=$(dpkg -S "*/$module.pc" 2>/dev/null | sed -n '1s/:.*//p') # of the same name on this machine
	expect "libtakt-dev depends on $owner, which brings $module.pc" grep -qw -- "$owner" <(field libtakt-dev Depends)
done
for file in usr/bin/takt usr/libexec/takt/sensor usr/libexec/takt/controller usr/share/takt/configs/demo.yaml 'usr/lib/systemd/system/takt@\.service' \
	usr/share/doc/takt/copyright usr/share/doc/takt/changelog.Debian.gz etc/takt/; do
	expect "takt has $file" has takt "$file"
done
expect "libtakt0 has the library" has libtakt0 "usr/lib/$triplet/libtakt\.so\.0"
expect "libtakt-lttng0 has what libtakt loads" has libtakt-lttng0 "usr/lib/$triplet/libtakt-lttng\.so\.0"
expect "LTTng is wanted by it" grep -q liblttng-ust1 <(field libtakt-lttng0 Depends)
expect "and by no other" bash -c "! dpkg-deb -f build/packages/libtakt0_*_$arch.deb Depends | grep -q lttng"
for file in usr/include/takt/takt.h "usr/lib/$triplet/libtakt.a" "usr/lib/$triplet/libtakt.so" "usr/lib/$triplet/pkgconfig/takt.pc" \
	"usr/lib/$triplet/cmake/takt/takt-config.cmake"; do
	expect "libtakt-dev has $file" has libtakt-dev "$file"
done
expect "a library's user gets a version" grep -qF 'takt_publish@TAKT_0' <(control libtakt0 symbols)
expect "a private symbol's user gets exactly this one" grep -qE '^ takt_topic_segment_open@TAKT_PRIVATE [0-9.]+ 1$' <(control libtakt0 symbols)
expect "the linker's cache is told" grep -qx 'activate-noawait ldconfig' <(control libtakt0 triggers)
conclude
