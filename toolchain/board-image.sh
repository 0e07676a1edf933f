#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Packs the memory disk of an emulated board: busybox, takt's programs and tests for that architecture, the libraries that they need, and
# some of the kernel's modules. usage: toolchain/board-image.sh ARCH KERNEL BUSYBOX IMAGE [latency|trace LTTNG]
#   ARCH     aarch64|armhf, built in build/ARCH with the sysroot build/sysroot/ARCH
#   KERNEL   a kernel package, unpacked   BUSYBOX  a static busybox   IMAGE  the file to write
#   latency  only what measures latencies: no module, no test, so that another one of those changes nothing there
#   trace    the demo and LTTng's session daemon, out of the folder LTTNG (toolchain/board-lttng.sh)
# TAKT_BOARD_ADD is a folder whose content is put into it too.
set -eu
cd "$(dirname "$0")/.."
usage="usage: toolchain/board-image.sh ARCH KERNEL BUSYBOX IMAGE [latency|trace LTTNG]"
arch=${1:?"$usage"} kernel=${2:?"$usage"} busybox=${3:?"$usage"} image=${4:?"$usage"}
modules="nvme uhid hid-sensor-hub hid-sensor-accel-3d lm75 i2c-imx"
programs="bin/takt bin/sensor bin/sensor_iio bin/controller tests/board/accelerometer" tests=tests/board/guest/tests.txt
libraries="" lttng=""
case ${5:-} in
"") ;;
trace)
	modules=nvme programs="bin/takt bin/sensor bin/controller" tests=/dev/null
	libraries=lib/libtakt-lttng.so.0 lttng=${6:?"$usage"}/root
	;;
latency) modules="" programs="bin/takt bin/sensor bin/controller tests/board/latency" tests=/dev/null ;;
*)
	echo "board-image: unknown kind '$5'; $usage" >&2
	exit 2
	;;
esac
case $arch in
aarch64) triple=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
armhf) triple=arm-linux-gnueabihf loader=ld-linux-armhf.so.3 ;;
*)
	echo "board-image: unknown architecture '$arch'; $usage" >&2
	exit 2
	;;
esac
sysroot=build/sysroot/$arch
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 130' INT TERM
fail() {
	echo "board-image: $*" >&2
	exit 1
}

mkdir -p "$root/bin" "$root/lib/modules" "$root/takt/bin" "$root/takt/tests" "$root/takt/configs" "$root/proc" "$root/sys" "$root/dev" "$root/etc" \
	"$root/tmp"
cp "$busybox" "$root/bin/busybox"
chmod 755 "$root"
printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
cp tests/board/guest/*.sh "$root/takt"
mv "$root/takt/init.sh" "$root/init"
cp configs/*.yaml tests/board/guest/*.yaml "$root/takt/configs"
# A module behind those that it needs; what is built in needs nothing.
add_module() {
	name=$(echo "$1" | tr - _)
	[ ! -f "$root/lib/modules/$name.ko" ] || return 0
	file=$(find "$kernel/lib/modules" -name '*.ko' | awk -v name="$name" '{ base = $0; sub(/.*\//, "", base); sub(/\.ko$/, "", base)
		gsub(/-/, "_", base); if (base == name) { print; exit } }')
	if [ -z "$file" ]; then
		tr - _ <"$(echo "$kernel"/lib/modules/*/modules.builtin)" | grep -q "/$name.ko\$" ||
			fail "the kernel in $kernel has no module '$1', and it is not built in: another kernel is needed"
		return 0
	fi
	cp "$file" "$root/lib/modules/$name.ko"
	for other in $("$triple-readelf" -p .modinfo "$file" | sed -n 's/.*depends=//p' | tr , ' '); do
		add_module "$other"
	done
	# The function's variables are everybody's.
	echo "$1" | tr - _ >>"$root/lib/modules/order"
}
touch "$root/lib/modules/order"
for module in $modules; do
	add_module "$module"
done
for program in $programs; do
	[ -f "build/$arch/$program" ] || fail "there is no build/$arch/$program: build it first (toolchain/board.sh does)"
	cp "build/$arch/$program" "$root/takt/bin"
done
while read -r test _; do
	case $test in "" | \#*) continue ;; esac
	file=build/$arch/tests/$test
	[ -f "$file" ] || fail "there is no $file, which tests/board/guest/tests.txt names"
	cp "$file" "$root/takt/tests"
done <$tests
cp $tests "$root/takt/tests.txt"

# Shared libraries, and those that they need in turn.
needed() { "$triple-readelf" -d "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
copy_libraries() {
	for library in $(needed "$1"); do
		[ ! -f "$root/lib/$library" ] || continue
		file=$(find "$sysroot/lib/$triple" "$sysroot/usr/lib/$triple" ${lttng:+"$lttng/lib/$triple" "$lttng/usr/lib/$triple"} -maxdepth 1 \
			-name "$library" 2>/dev/null | head -1)
		[ -n "$file" ] || fail "$sysroot has no $library, which $1 needs"
		cp -L "$file" "$root/lib/$library"
		copy_libraries "$root/lib/$library"
	done
}
cp -L "$sysroot/lib/$loader" "$root/lib/$loader"
for program in "$root"/takt/bin/* "$root"/takt/tests/*; do
	[ -f "$program" ] || continue
	copy_libraries "$program"
done
# What takt loads by itself.
for library in $libraries; do
	[ -f "build/$arch/$library" ] || fail "there is no build/$arch/$library: build it first (toolchain/board.sh does)"
	cp -L "build/$arch/$library" "$root/lib"
	copy_libraries "$root/lib/$(basename "$library")"
done
if [ -n "$lttng" ]; then
	libexec=usr/lib/$triple/lttng/libexec
	mkdir -p "$root/$libexec" "$root/usr/share/xml/lttng"
	cp "$lttng/usr/bin/lttng-sessiond" "$root/bin"
	cp "$lttng/$libexec/lttng-consumerd" "$root/$libexec"
	cp "$lttng/usr/share/xml/lttng/session.xsd" "$root/usr/share/xml/lttng"
	copy_libraries "$root/bin/lttng-sessiond"
	copy_libraries "$root/$libexec/lttng-consumerd"
fi
find "$root/takt/bin" "$root/takt/tests" -type f -exec "$triple-strip" {} +
[ -z "${TAKT_BOARD_ADD:-}" ] || cp -R "$TAKT_BOARD_ADD"/. "$root" || fail "cannot add the content of TAKT_BOARD_ADD=$TAKT_BOARD_ADD"
chmod 755 "$root/init"
# The same files make the same image, whenever it is packed.
find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . | sort | cpio --quiet -o -H newc --reproducible --owner=0:0) >"$image"
