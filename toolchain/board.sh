#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A board in a box: boots Debian's kernel for ARM under full-system emulation with takt in a memory disk, runs the demo, a real
# industrial-I/O accelerometer, a thermometer and the quick tests in it, prints the demo's table, and fails if anything in it failed.
# usage: toolchain/board.sh aarch64|armhf [--rt] [--virtual-time] [--update] [--trace]
#   --rt            the PREEMPT_RT kernel
#   --virtual-time  every instruction takes 8 ns of the board's time: a board that only measures latencies comes first. Each board is run
#                   twice, and the two must be bit-identical (where they are not, two of three), measured latencies included, up to the
#                   quick tests (which run once), and the latencies of the PREEMPT_RT kernel on aarch64 are held against tests/board/expected-latency
#   --trace         instead of all that: LTTng records the demo on the board, and this machine's takt reads the recording; what came of it
#                   is left in build/board/ARCH[-rt]-trace
#   --update        writes tests/board/expected-latency anew (with aarch64 --rt --virtual-time)
# TAKT_BOARD_PARTS=demo,iio,... runs only these (tests/board/guest/*.sh), TAKT_BOARD_TIMEOUT_S ends a board that hangs (default 600),
# TAKT_BOARD_ADD=FOLDER adds what is in it to the memory disks (tests/board/spread.sh).
# exit: 0 all passed (figures that hold for another kernel, emulator or compiler are skipped by name), 1 not, 2 wrong command line
set -eu
cd "$(dirname "$0")/.."
usage="usage: toolchain/board.sh aarch64|armhf [--rt] [--virtual-time] [--update] [--trace]"
refuse() {
	echo "board: $*; $usage" >&2
	exit 2
}
fail() {
	echo "board: $*" >&2
	exit 1
}
case ${1:-} in
aarch64 | arm64) arch=aarch64 emulator=qemu-system-aarch64 cpu=cortex-a72 ;;
armhf) arch=armhf emulator=qemu-system-arm cpu=cortex-a15 ;;
*) refuse "unknown architecture '${1:-}'" ;;
esac
shift
rt="" virtual=0 update="" trace=""
for argument in "$@"; do
	case $argument in
	--rt) rt=--rt ;;
	--virtual-time) virtual=1 ;;
	--update) update=--update ;;
	--trace) trace=--trace ;;
	*) refuse "unknown argument '$argument'" ;;
	esac
done
name=$arch${rt:+-rt}
[ -z "$update" ] || [ "$name$virtual" = aarch64-rt1 ] || refuse "--update needs aarch64 --rt --virtual-time"
[ -z "$trace" ] || [ "$virtual" = 0 ] || refuse "--trace is in this machine's time: without --virtual-time"
timeout_s=${TAKT_BOARD_TIMEOUT_S:-600}

toolchain/setup.sh board
command -v $emulator >/dev/null || fail "there is no $emulator; install qemu-system-arm, or run toolchain/setup.sh board"
toolchain/sysroot.sh $arch
folder=$(toolchain/board-kernel.sh $arch $rt)
cmake --preset $arch -D TAKT_TESTS=ON >/dev/null
targets="sensor_iio accelerometer latency $(awk '!/^#/ && NF { print $1 }' tests/board/guest/tests.txt)"
[ -z "$trace" ] || targets=takt_lttng
# shellcheck disable=SC2086
cmake --build --preset $arch -j "$(nproc)" --target takt_command sensor controller $targets -- --quiet
image=build/board/$name.cpio
make_image() { toolchain/board-image.sh $arch "$folder/kernel" "$folder/busybox/bin/busybox" "$@"; }
if [ -n "$trace" ]; then
	image=build/board/$name-trace.cpio
	lttng=$(toolchain/board-lttng.sh $arch)
	make_image $image trace "$lttng"
else
	make_image $image
	make_image build/board/$name-latency.cpio latency
fi

machine=virt processors=2 parts=demo,iio,hwmon,rights,quick
# The thermometer is that of a disk.
disk="-drive if=none,id=disk,driver=null-co,size=1M,read-zeroes=on -device nvme,drive=disk,serial=takt"
arguments="console=ttyAMA0 quiet panic=-1"
clock=""
if [ $virtual = 1 ]; then
	# One processor: the emulator runs several in turns, and a wake-up would wait for the other's turn. No disk: it answers in the
	# host's time.
	disk=""
	machine=virt,dtb-randomness=off processors=1 parts=latency,demo,iio,rights,quick
	clock="-icount shift=3,sleep=off -rtc base=2024-01-01,clock=vm"
	arguments="$arguments nokaslr takt.clock=virtual"
fi
if [ -n "$trace" ]; then
	# What is recorded is carried out on it.
	carried=build/board/$name-trace.disk parts=trace
	rm -f $carried
	truncate -s 64M $carried
	disk="-drive if=none,id=disk,file=$carried,format=raw -device nvme,drive=disk,serial=takt"
fi
# A 32-bit kernel does not reach a PCI bus above 4 GiB.
[ $arch = aarch64 ] || machine=$machine,highmem=off
[ -n "$trace" ] || parts=${TAKT_BOARD_PARTS:-$parts}

# boot CONSOLE IMAGE PARTS: one run.
boot() {
	rm -f "$1" "$1.raw"
	result=0
	# shellcheck disable=SC2086
	timeout -k 5 "$timeout_s" $emulator -M $machine -cpu $cpu -smp $processors -m 512 $clock -display none -monitor none -nic none \
		-no-reboot -serial "file:$1.raw" -kernel "$(echo "$folder"/kernel/boot/vmlinuz-*)" -initrd "$2" \
		-append "$arguments takt.parts=$3" $disk </dev/null >"$1.emulator" 2>&1 &
	emulator_id=$!
	trap 'kill $emulator_id $running 2>/dev/null' EXIT
	trap 'exit 130' INT TERM
	# The second board is ended where the comparison ends.
	while [ "${1%.again}" != "$1" ] && kill -0 $emulator_id 2>/dev/null; do
		! grep -q '^BOARD COMPARED' "$1.raw" 2>/dev/null || kill $emulator_id 2>/dev/null || true
		sleep 1
	done
	wait $emulator_id || result=$?
	emulator_id=""
	trap - EXIT
	tr -d '\r' <"$1.raw" >"$1" 2>/dev/null || true
	grep -v 'terminating on signal' "$1.emulator" >&2 || true
	return $result
}
# same CONSOLE CONSOLE: what two runs have said is bit-identical, up to where the comparison ends.
same() {
	for file in "$1" "$2"; do
		sed '/^BOARD COMPARED$/q' "$file" >"$file.compared"
	done
	cmp "$1.compared" "$2.compared" >&2 || {
		diff "$1.compared" "$2.compared" | head -20 >&2
		return 1
	}
	echo "board: two runs in virtual time were bit-identical, $(wc -l <"$1.compared") lines"
}
# run CONSOLE IMAGE PARTS: a board, or two side by side; what is wrong with them ends this script.
run() {
	running=""
	if [ $virtual = 1 ]; then
		boot "$1.again" "$2" "$3" &
		running=$!
	fi
	result=0
	boot "$1" "$2" "$3" || result=$?
	[ -z "$running" ] || wait $running || true
	running=""
	cat "$1"
	toolchain/board-judge.sh "$1" $result
	[ $virtual = 1 ] || return 0
	if same "$1" "$1.again"; then
		return 0
	fi
	# The emulator's own thread, which a busy host holds up, may answer one instruction later: seen once in some twenty pairs.
	echo "board: two runs in virtual time differ in the lines above; expected them to be bit-identical: a third decides" >&2
	mv "$1.again" "$1.second"
	boot "$1.again" "$2" "$3" || true
	if same "$1" "$1.again"; then
		return 0
	fi
	same "$1.second" "$1.again" || fail "no two of three runs in virtual time are alike: takt, or what runs it, does not repeat itself"
	# What the two agree on is what counts.
	cp "$1.again" "$1"
}

began=$(date +%s)
console=build/board/$name-latency.console
echo "board: $(cat "$folder/complete") on $emulator $cpu, $processors processors${clock:+, virtual time}" >&2
case ,$parts, in *,latency,*) run $console build/board/$name-latency.cpio latency ;; esac
others=$(echo "$parts" | tr , '\n' | grep -vx latency | tr '\n' ,)
[ -z "$others" ] || run build/board/$name${trace:+-trace}.console $image "$others"
[ -z "$trace" ] || toolchain/board-trace.sh $arch $carried build/board/$name-trace
case $name$virtual,$parts, in aarch64-rt1,*latency,*) ;; *) virtual=0 ;; esac
if [ $virtual = 1 ]; then
	compiler=$(aarch64-linux-gnu-gcc -print-prog-name=cc1)
	sum() { sha256sum "$1" | cut -d' ' -f1; }
	{
		echo "kernel $(sum "$(echo "$folder"/linux-image-*.deb)") $(basename "$(echo "$folder"/linux-image-*.deb)")"
		echo "emulator $(sum "$(command -v $emulator)") $($emulator --version | head -1)"
		echo "compiler $(sum "$compiler") $(aarch64-linux-gnu-gcc --version | head -1)"
		echo "libc $(sum build/sysroot/aarch64/lib/aarch64-linux-gnu/libc.so.6) $(cat build/sysroot/aarch64/var/lib/dpkg/version 2>/dev/null || echo libc.so.6)"
	} >build/board/$name.pins
	toolchain/board-latency.sh $console build/board/$name.pins $update || [ $? = 77 ]
fi
echo "board: $name took $(($(date +%s) - began)) s"
