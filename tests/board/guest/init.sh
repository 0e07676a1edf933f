#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# The first and only program of an emulated board: mounts what takt needs, loads the modules, runs the parts and powers off.
# The kernel's command line chooses: takt.parts=demo,iio,... and says takt.clock=virtual where
# no time passes by itself.
# The last line on the console is the result: "BOARD END passed=N failed=N skipped=N".
/bin/busybox --install -s /bin
export PATH=/takt/bin:/bin NO_COLOR=1 TERM=dumb
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
hostname board

passed=0 failed=0 skipped=0
pass() { passed=$((passed + 1)) && echo "BOARD PASS $1"; }
skip() { skipped=$((skipped + 1)) && echo "BOARD SKIP $1: $2"; }
fail() {
	failed=$((failed + 1))
	echo "BOARD FAIL $1${2:+: $2}"
}
# check NAME COMMAND...: PASS if the command succeeds
check() {
	name=$1
	shift
	if "$@"; then pass "$name"; else fail "$name"; fi
}
# show FILE: what was said, after something failed
show() { sed 's/^/    | /' "$1" | tail -25; }
# wait_for SECONDS COMMAND...: until it succeeds. @return 1 it never did
wait_for() {
	tries=$(($1 * 20))
	shift
	while [ $tries -gt 0 ]; do
		"$@" >/dev/null 2>&1 && return 0
		usleep 50000
		tries=$((tries - 1))
	done
	return 1
}
# column FILE NAME: one column of a CSV file, without its title
column() {
	awk -F, -v wanted="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == wanted || index($i, wanted " (") == 1) column = i; next }
		column { print $column }' "$1"
}
# no_faults DOMAIN: no thread of a loop has met a page fault
no_faults() {
	takt node list -d "$1" --format csv >/tmp/nodes.csv || return 1
	column /tmp/nodes.csv faults | awk '$1 != 0 { bad = 1 } END { exit bad || NR == 0 }' && return 0
	cat /tmp/nodes.csv
	return 1
}

while read -r module; do
	insmod "/lib/modules/$module.ko" || fail "kernel module $module"
done </lib/modules/order

echo "BOARD BEGIN $(uname -srvm), $(grep -c ^processor /proc/cpuinfo) processors"
clock=$(sed -n 's/.*takt\.clock=\([a-z]*\).*/\1/p' /proc/cmdline)
parts=$(sed -n 's/.*takt\.parts=\([a-z,]*\).*/\1/p' /proc/cmdline)
for part in $(echo "$parts" | tr , ' '); do
	if [ -f "/takt/$part.sh" ]; then . "/takt/$part.sh"; else fail "part $part" "there is none of this name"; fi
done
echo "BOARD END passed=$passed failed=$failed skipped=$skipped"
# Through the board's firmware where it has one for that, else by a reset, which ends the emulator too.
poweroff -f
reboot -f
