#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# takt doctor on this machine: as root and as an ordinary user, with limits lowered, in a control group without a budget, with shared
# memory nearly full. Each time the line that it prints is typed, and the finding must be gone. Usage: test_doctor.sh FOLDER-OF-TAKT
# What this machine does not let it try is said by name and passed over.
set -u
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d /tmp/takt-test-doctor.XXXXXX)
# Others run it too, and may not look into the builder's folders.
chmod 755 "$work"
mkdir "$work/bin" "$work/shm"
cp "$(realpath "$1")/takt" "$work/bin/"
export PATH=$work/bin:$PATH NO_COLOR=1 LC_ALL=C.UTF-8
unset TAKT_DOMAIN TAKT_CONFIG TAKT_SHM_FOLDER
failures=0 checks=0 passed_over=0
group="" budget="" mounted="" holder=""

finish() {
	[ -z "$holder" ] || kill "$holder" 2>/dev/null
	[ -z "$group" ] || { echo $$ >"$(dirname "$group")/cgroup.procs"; rmdir "$group"; }
	[ -z "$budget" ] || echo "$budget" >/proc/sys/vm/compaction_proactiveness
	[ -z "$mounted" ] || umount "$mounted"
	rm -rf "$work"
}
trap finish EXIT

fail() {
	failures=$((failures + 1))
	echo "FAILED: $shown: $*"
	sed 's/^/	out: /' "$work/out" | head -40
	sed 's/^/	err: /' "$work/err" | head -20
}
pass_over() {
	passed_over=$((passed_over + 1))
	echo "passed over: $*"
}
# run CODE COMMAND...: runs it, bounded, and expects this exit code; '-' is any.
run() {
	local wanted=$1 code
	shift
	shown=$*
	checks=$((checks + 1))
	# Through pipes: a limit on the size of files must not hit the test's own.
	{ timeout 60 "$@" 2>&3 | cat >"$work/out"; code=${PIPESTATUS[0]}; } 3> >(cat >"$work/err")
	wait $! 2>/dev/null
	[ "$wanted" = - ] || [ $code -eq "$wanted" ] || fail "exit code $code, expected $wanted"
}
out() { checks=$((checks + 1)); grep -qF -e "$1" "$work/out" || fail "standard output lacks: $1"; }
err() { checks=$((checks + 1)); grep -qF -e "$1" "$work/err" || fail "standard error lacks: $1"; }
# finding WHAT SEVERITY: and its line to type, without the remark, is in $mend afterwards.
finding() {
	local found
	checks=$((checks + 1))
	mend=""
	found=$(python3 -c "
import json
rows = [row for row in json.load(open('$work/out')) if row['what'] == '$1']
print(len(rows), rows[0]['severity'], (rows[0]['mend'] or '').split('   #')[0]) if rows else print(0)" 2>/dev/null)
	[ "${found%% *}" = 1 ] || { fail "'$1' is $found times in the report"; return; }
	found=${found#* }
	[ "${found%% *}" = "$2" ] || fail "'$1' is ${found%% *}, expected $2"
	mend=${found#* }
	[ "$2" = ok ] || [ -n "$mend" ] || fail "'$1' says no line that mends it"
}
doctor="takt doctor --format json --no-wakeup"
as_user="setpriv --reuid=54321 --regid=54321 --clear-groups"
# The test is root where it types such a line; there need be no sudo.
unsudo() { sed 's/\bsudo //g' <<<"$1"; }

cat >"$work/plain.yaml" <<YAML
domain: doctor_plain
topics:
  - {name: imu, type: imu, bytes: 40, depth: 16, deadline_us: 60000000}
nodes:
  - {name: sensor, program: sh, publishes: [imu]}
YAML
sed -e 's/doctor_plain/doctor_fifo/' -e 's/publishes: \[imu\]/publishes: [imu], scheduler: {policy: fifo, priority: 60}/' \
	"$work/plain.yaml" >"$work/fifo.yaml"
sed -e 's/doctor_plain/doctor_large/' -e 's/bytes: 40, depth: 16/bytes: 100000, depth: 64/' "$work/plain.yaml" >"$work/large.yaml"
sed -e 's/publishes: \[imu\]/publishes: [imu], scheduler: {cpus: [63]}/' "$work/plain.yaml" >"$work/cpu.yaml"
chmod 644 "$work"/*.yaml

# ------------------------------------------------------------------------------------------------- the command line
run 0 takt doctor --help
out 'usage: takt doctor [CONFIG] [options]'
out '--no-wakeup'
run 0 takt help doctor
out 'usage: takt doctor [CONFIG] [options]'
run 2 takt doctor --no-such-option
err "takt doctor has no option '--no-such-option'"
run 2 takt doctor --format yaml
err "--format: 'yaml' is not table, json or csv"
run 2 takt doctor --format
err '--format needs a value'
run 2 takt doctor a b
err "'b' is one argument too many"
run 1 takt doctor "$work/absent.yaml"
err absent.yaml
run 1 takt doctor /dev/null
run 1 env TAKT_CONFIG="$work/absent.yaml" takt doctor
err absent.yaml
sed 's/program: sh/program: no-such-program/' "$work/plain.yaml" >"$work/program.yaml"
run 1 takt doctor --no-wakeup "$work/program.yaml"
out "'no-such-program' is not there"
run 2 takt doctr
err "did you mean 'doctor'"

# -------------------------------------------------------------------------------------------------- this machine
run 0 takt doctor --no-wakeup
out 'judged for real time in general'
out 'OFD locks'
run 0 takt doctor "$work/plain.yaml"
out "domain 'doctor_plain'"
run 0 env TAKT_CONFIG="$work/plain.yaml" takt doctor --all --no-wakeup
out "ok       OFD locks: works"
run 0 $doctor "$work/plain.yaml"
finding 'shared memory' ok
finding CPUs ok
run 0 takt doctor --format csv --no-wakeup "$work/plain.yaml"
[ "$(head -1 "$work/out")" = severity,what,found,expected,why,mend ] || fail "the header of CSV"
# A second's measurement, against a deadline of a minute: it says both.
run 0 takt doctor --format json "$work/plain.yaml"
finding wake-up ok
out '`imu` allows 60000000 us'
checks=$((checks + 1))
[ -z "$(find /dev/shm -maxdepth 1 -name 'takt-doctor.*' -newer "$work/plain.yaml")" ] || fail "the doctor left a folder in /dev/shm"
if [ ! -e /sys/devices/system/cpu/cpu63 ]; then
	run 1 takt doctor --no-wakeup "$work/cpu.yaml"
	out "also 63: node 'sensor' declares"
else
	pass_over "a CPU that does not exist: this machine has 64"
fi

# ------------------------------------------------------------------------------------------------------- limits
run 1 bash -c "ulimit -Sn 20; $doctor"
finding 'open files' error
run 0 bash -c "ulimit -Sn 20; $mend; $doctor"
finding 'open files' ok
run 1 bash -c "ulimit -Sf 4; $doctor '$work/large.yaml'"
finding 'size of files' error
run 0 bash -c "ulimit -Sf 4; $mend; $doctor '$work/large.yaml'"
finding 'size of files' ok
# ----------------------------------------------------------------------------------------- an ordinary user, and root
if [ "$(id -u)" != 0 ] || ! $as_user true 2>/dev/null; then
	pass_over "another user's rights, a control group, a small tmpfs, sysctl: not root here"
else
	run 1 $as_user bash -c "ulimit -r 0; $doctor '$work/fifo.yaml'"
	finding 'real-time priority' error
	[[ $mend == "echo '54321 - rtprio 60' | sudo tee -a /etc/security/limits.d/takt.conf" ]] || fail "the line is: $mend"
	# The line in a file of limits makes the login raise both limits, as here.
	run - $as_user bash -c "ulimit -r 0; $doctor '$work/plain.yaml'"
	finding 'real-time priority' ok
	if prlimit --rtprio=0:60 true 2>/dev/null; then
		run 1 prlimit --rtprio=0:60 $as_user $doctor "$work/fifo.yaml"
		finding 'real-time priority' error
		[ "$mend" = "ulimit -r 60" ] || fail "the line is: $mend"
		run 0 prlimit --rtprio=0:60 $as_user bash -c "$mend && $doctor '$work/fifo.yaml'"
		finding 'real-time priority' ok
		finding 'real-time budget' ok
	else
		pass_over "ulimit -r: this root may not raise a hard limit"
	fi
	run 0 $as_user --inh-caps=+sys_nice --ambient-caps=+sys_nice $doctor "$work/fifo.yaml"
	finding 'real-time priority' ok
	run 0 $as_user bash -c "ulimit -Sl 64; $doctor '$work/plain.yaml'"
	finding 'locked memory' warning
	needed=$(python3 -c "
import json
print([row for row in json.load(open('$work/out')) if row['what'] == 'locked memory'][0]['expected'].split()[0])")
	if [ "$(ulimit -Hl)" = unlimited ] || [ "$(ulimit -Hl)" -ge "$needed" ]; then
		[[ $mend == "ulimit -l "* ]] || fail "the line is: $mend"
		run 0 $as_user bash -c "ulimit -Sl 64; $mend && $doctor '$work/plain.yaml'"
		finding 'locked memory' ok
	else
		pass_over "ulimit -l: the hard limit of $(ulimit -Hl) KiB is less than the $needed KiB of a process"
	fi
	run 0 $as_user bash -c "ulimit -l 64; $doctor '$work/plain.yaml'"
	finding 'locked memory' warning
	[[ $mend == "echo '54321 - memlock unlimited' | sudo tee -a "* ]] || fail "the line is: $mend"

	# A folder that this user may not write.
	run 1 env TAKT_SHM_FOLDER="$work/shm" $as_user $doctor "$work/plain.yaml"
	finding 'shared-memory folder' error
	bash -c "$(unsudo "$mend")"
	run 0 env TAKT_SHM_FOLDER="$work/shm" $as_user $doctor "$work/plain.yaml"
	run 1 env TAKT_SHM_FOLDER="$work/absent" $doctor
	finding 'shared-memory folder' error

	if mount -t tmpfs -o size=1m,nr_inodes=20,mode=1777,noexec tmpfs "$work/shm" 2>/dev/null; then
		mounted=$work/shm
		export TAKT_SHM_FOLDER=$work/shm
		run 0 $doctor "$work/plain.yaml"
		finding 'shared memory' ok
		run 1 $doctor "$work/large.yaml"
		finding 'shared memory' error
		# It says the truth: the config really cannot be created, and after the line it can.
		run 1 takt create "$work/large.yaml"
		run 0 bash -c "$(unsudo "$mend")"
		run 0 $doctor "$work/large.yaml"
		finding 'shared memory' ok
		finding 'names of objects' ok
		run 0 takt create "$work/large.yaml"
		# What is there already needs no room.
		dd if=/dev/zero of="$work/shm/fill" bs=64k 2>/dev/null
		truncate -s -64K "$work/shm/fill" # a node makes its own segment when it joins
		run 0 $doctor "$work/large.yaml"
		finding 'shared memory' ok
		rm "$work/shm/fill"
		run 0 takt clean doctor_large
		mount -o remount,nr_inodes=6 "$work/shm"
		run 1 $doctor "$work/plain.yaml"
		finding 'names of objects' error
		run 0 bash -c "$(unsudo "$mend")"
		run 0 $doctor "$work/plain.yaml"
		finding 'names of objects' ok
		mount -o remount,ro "$work/shm"
		run 1 $doctor "$work/plain.yaml"
		finding 'shared-memory folder' error
		run 0 bash -c "$(unsudo "$mend")"
		run 0 $doctor "$work/plain.yaml"
		finding 'shared-memory folder' ok
		unset TAKT_SHM_FOLDER
	else
		pass_over "a small tmpfs: this root may not mount"
	fi

	# A control group without a real-time budget.
	parent=$(awk '$3 == "cgroup" && $4 ~ /(^|,)cpu(,|$)/ { print $2; exit }' /proc/self/mounts)$(
		awk -F: '$2 ~ /(^|,)cpu(,|$)/ && $3 != "/" { print $3; exit }' /proc/self/cgroup)
	if [ -e "$parent/cpu.rt_runtime_us" ] && mkdir "$parent/takt-doctor-$$" 2>/dev/null; then
		group=$parent/takt-doctor-$$
		echo $$ >"$group/cgroup.procs"
		run 1 $doctor "$work/fifo.yaml"
		finding 'real-time budget' error
		[[ $mend == "echo 950000 | sudo tee "* ]] || fail "the line is: $mend"
		run - bash -c "$(unsudo "$mend")"
		if [ "$(cat "$group/cpu.rt_runtime_us")" = 950000 ]; then
			run 0 $doctor "$work/fifo.yaml"
			finding 'real-time budget' ok
			finding 'real-time priority' ok
		else
			pass_over "the budget of a control group: its parent has given it all away"
		fi
		echo $$ >"$parent/cgroup.procs"
		rmdir "$group"
		group=""
	else
		pass_over "a control group without real-time budget: no such groups on this kernel"
	fi

	# sysctl, read back. Without the sysctl program its file is written.
	setting=/proc/sys/vm/compaction_proactiveness
	if [ -w $setting ] && [ "$(cat /proc/sys/vm/compact_unevictable_allowed 2>/dev/null)" = 1 ]; then
		budget=$(cat $setting)
		echo 20 >$setting
		run 0 $doctor
		finding 'compaction on its own' warning
		if command -v sysctl >/dev/null; then
			run 0 bash -c "$(unsudo "$mend")"
			run 0 $doctor
			finding 'compaction on its own' ok
		fi
		echo "$budget" >$setting
		budget=""
	else
		pass_over "compaction: no such setting here, or it may not be changed"
	fi
fi
echo "$checks checks, $failures failures, $passed_over passed over"
[ $failures -eq 0 ]
