#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `takt ipc remove`: what is in use stays without --force, only what was named goes, and wrong words change nothing.
# Usage: test_remove.sh FOLDER-OF-TAKT FOLDER-OF-PROGRAMS
. "$(dirname "$0")/common.sh"

# One of each kind besides, which nobody names.
bystanders() {
	make queue 0; make shm 0; make sem 0
	make posix-shm /by; make posix-sem /by
	[ $has_queues = 0 ] || make posix-queue /by
}
bystanders

# What was there before is there now, but for one.
only_gone() {
	everything >"$work/after"
	same "$(diff "$work/before" "$work/after" | grep -c '^[<>]')" 1 "objects that came or went"
	same "$(diff "$work/before" "$work/after" | sed -n 's/^< //p')" "$1" "the object that is gone"
}
nothing_gone() { checks=$((checks + 1)); everything | cmp -s "$work/before" - || fail "something came or went: $(everything | diff "$work/before" -)"; }

# --------------------------------------------------------------------------------------- what is in use is kept

# in_use OBJECT LINE-OF-EVERYTHING [WORDS-OF-THE-REASON]: $holder uses it.
in_use() {
	everything >"$work/before"
	until_true is_state "$1" "in use"
	run 1 takt ipc remove "$1" --yes
	out "kept     $1"
	out "--force removes it all the same"
	[ -z "${3:-}" ] || out "$3"
	nothing_gone
	run 1 takt ipc remove "$1" --dry-run
	out "kept     $1"
	run 0 takt ipc remove --orphans --dry-run
	no_out "$1"
	run 0 takt ipc remove "$1" --force --dry-run
	nothing_gone
	run 0 takt ipc remove "$1" --force --yes
	out "removed  $1"
	[ "$2" = "" ] || only_gone "$2"
	release
}

make queue 0; hold wait queue "$id"
in_use "sysv-queue:$id" "queue $id" "waits for it: $holder (ipc_user)"
make shm 0; hold hold shm "$id"
in_use "sysv-shm:$id" "" "1 attached, one of them $holder (ipc_user)"
# A segment goes when the last process lets go of it.
has_no_segment() { [ -z "$(ipcs -m | awk -v id="$1" '$2 == id')" ]; }
until_true has_no_segment "$id"
make sem 0; hold wait sem "$id"
in_use "sysv-sem:$id" "sem $id" "1 waits for it"
make posix-shm /frames; hold hold posix-shm /frames
in_use posix-shm:/frames "file /dev/shm/frames" "a process has it: $holder (ipc_user)"
make posix-shm /frames; hold hold posix-map /frames
in_use posix-shm:/frames "file /dev/shm/frames" "a process has it: $holder (ipc_user)"
make posix-sem /lock; hold hold posix-sem /lock
in_use posix-sem:/lock "file /dev/shm/sem.lock"
if [ $has_queues = 1 ]; then
	make posix-queue /jobs; hold hold posix-queue /jobs
	in_use posix-queue:/jobs "file $work/mqueue/jobs"
else
	pass_over "POSIX queues: their file system cannot be mounted here"
fi

# Whoever is used by somebody whom this user does not see is used all the same: the kernel is asked.
as_user ipc_user make posix-shm /mine; as_user ipc_user make posix-sem /mine
hold hold posix-map /mine; first=$holder
hold hold posix-sem /mine
name="used by root" ; everything >"$work/before"
run 1 as_user takt ipc remove posix-shm:/mine posix-sem:/mine --yes
out "kept     posix-shm:/mine: a process has it that this user does not see"
out "kept     posix-sem:/mine: a process has it that this user does not see"
nothing_gone
release; holder=$first; release
run 0 as_user takt ipc remove posix-shm:/mine posix-sem:/mine --yes
# A queue whose last sender lives is in use though nobody waits; and one may wait whom this user does not see.
make_as_user queue 0; as_user ipc_user wait queue "$id" >"$work/ready" & holder=$!; holders="$holders $holder"
until_true is_state "sysv-queue:$id" "in use"
run 1 as_user takt ipc remove "sysv-queue:$id" --yes
release
until_true is_state "sysv-queue:$id" "left behind"
run 0 as_user takt ipc remove "sysv-queue:$id" --yes
# What may not be asked is kept as well.
as_user ipcmk -S 1 -p 0 >"$work/out"; id=$(ipcs -s | awk -v user=$user '$3 == user {print $2}')
run 1 as_user takt ipc remove "sysv-sem:$id" --yes
out "its mode does not let this user ask who waits for it"
run 0 as_user takt ipc remove "sysv-sem:$id" --yes --force

# --------------------------------------------------------------------------------------- only what was named

for kind in queue shm sem; do
	make $kind 0x777; everything >"$work/before"
	run 0 takt ipc remove "sysv-$kind:$id" --dry-run
	out "would remove  sysv-$kind:$id"
	nothing_gone
	run 0 takt ipc remove "sysv-$kind:$id" --yes
	only_gone "$kind $id"
	make $kind 0x777; everything >"$work/before"
	run 0 takt ipc remove 0x777 --yes
	only_gone "$kind $id"
done
make posix-shm /a; everything >"$work/before"
run 0 takt ipc remove /a --yes
only_gone "file /dev/shm/a"
make posix-sem /a; make posix-shm /a; everything >"$work/before"
run 1 takt ipc remove /a --yes
err "'/a' may be several: posix-shm:/a, posix-sem:/a; say which, with its kind"
nothing_gone
run 0 takt ipc remove posix-sem:a --yes
only_gone "file /dev/shm/sem.a"
everything >"$work/before"
run 0 takt ipc remove posix-shm:a posix-shm:/a /a --yes
only_gone "file /dev/shm/a"
# Names are bytes; what the list shows can be typed.
printf x >"/dev/shm/"$'red\e[31m\n\\'; everything >"$work/before"
run 0 takt ipc list
out '/red\x1b[31m\x0a\\'
run 0 takt ipc remove '/red\x1b[31m\x0a\\' --yes
out 'removed  posix-shm:/red\x1b[31m\x0a\\'
[ -e "/dev/shm/"$'red\e[31m\n\\' ] && fail "it is still there"
printf x >"/dev/shm/"$'\xff\xfe'
run 0 takt ipc remove "/"$'\xff\xfe' --yes
[ -e "/dev/shm/"$'\xff\xfe' ] && fail "it is still there"
# What only looks like an object: a folder, a link.
mkdir /dev/shm/folder; ln -s /dev/shm/by /dev/shm/link; everything >"$work/before"
run 1 takt ipc remove posix-shm:/folder posix-shm:/link --yes
err "there is no posix-shm 'posix-shm:/folder' here"
err "there is no posix-shm 'posix-shm:/link' here"
nothing_gone
rmdir /dev/shm/folder; rm /dev/shm/link

# --------------------------------------------------------------------------------------- orphans

make_as_user shm 0; users=$id
make shm 0; hold hold shm "$id"; used=$id
everything >"$work/before"
run 0 takt ipc list --orphans
no_out "sysv-shm  $used"
run 0 takt ipc remove --orphans --dry-run
nothing_gone
run 0 takt ipc remove --orphans --user $user --yes
only_gone "shm $users"
run 0 takt ipc list --user $user --format csv
same "$(wc -l <"$work/out")" 1 "lines of a list of nobody's objects"
expect_state "sysv-shm:$used" "in use"
run 0 takt ipc remove --orphans --yes
name="after --orphans"
same "$(everything)" "shm $used" "what is left"
release
run 0 takt ipc remove --orphans --yes
same "$(everything)" "" "what is left"
run 0 takt ipc remove --orphans --yes
out "nothing is left behind"
bystanders

# --------------------------------------------------------------------------------------- takt's own

cat >"$work/dead.yaml" <<'Y'
domain: dead
topics: [{name: tick, type: tick, bytes: 120, depth: 64}]
nodes: [{name: ticker, program: ticker, publishes: [tick]}]
Y
sed 's/^domain: .*/domain: alive/' "$(dirname "$0")/../process/configs/tick.yaml" >"$work/alive.yaml"
takt create "$work/dead.yaml" >"$work/out" 2>&1 || fail "no dead domain"
TAKT_NODE=ticker TAKT_CONFIG=$work/alive.yaml ticker >"$work/ticker" 2>&1 &
holder=$!; holders="$holders $holder"
until_true is_state takt:alive/topic.tick "in use"
everything >"$work/before"
run 0 takt ipc list
out "dead/topic.tick"
out "alive/topic.tick"
expect_state takt:dead/roster "left behind"
expect_state fifo:alive/command.ticker "in use"
run 1 takt ipc remove takt:alive --yes --force
out "kept     takt:alive: its domain lives: ticker; takt removes nothing that lives; stop its nodes first"
run 1 takt ipc remove alive/topic.tick --yes
err "what is takt's goes with its whole domain: takt ipc remove takt:alive"
run 1 takt ipc remove nowhere --yes
err "there is no takt domain 'nowhere' here"
nothing_gone
run 0 takt ipc remove takt:dead --dry-run
nothing_gone
run 0 takt ipc remove dead --yes
out "removed  dead/topic.tick"
[ ! -e /dev/shm/takt.dead ] || fail "the domain is still there"
expect_state takt:alive/roster "in use"
takt create "$work/dead.yaml" >"$work/out" 2>&1
run 0 takt ipc remove --orphans --yes
out "removed  dead/roster"
expect_state takt:alive/roster "in use"
release
until_true is_state takt:alive/roster "left behind"
run 0 takt ipc remove takt:alive --yes
same "$(find /dev/shm -name 'takt.*')" "" "left of the domains"
# A socket in a domain's folder: with a process behind it, and without.
for kind in DGRAM STREAM SEQPACKET; do
	takt create "$work/dead.yaml" >"$work/out" 2>&1
	: >"$work/ready"
	python3 -c "
import socket, time
one = socket.socket(socket.AF_UNIX, socket.SOCK_$kind)
one.bind('/dev/shm/takt.dead/socket.one')
print('ready', flush=True)
time.sleep(1000)" >"$work/ready" 2>&1 &
	holder=$!; holders="$holders $holder"
	until_true grep -q ready "$work/ready"
	expect_state unix:dead/socket.one "in use"
	release
	until_true is_state unix:dead/socket.one "left behind"
	rm -r /dev/shm/takt.dead
done
bystanders 2>/dev/null

# --------------------------------------------------------------------------------------- wrong words

everything >"$work/before"
wrong() { # CODE WORDS ARGUMENT...
	local code=$1 words=$2
	shift 2
	run "$code" takt ipc "$@"
	err "$words"
	nothing_gone
}
wrong 2 "name what to remove, or say --orphans" remove
wrong 2 "name what to remove, or say --orphans" remove --yes
wrong 2 "--user and the name of an object exclude each other" remove --user root /by --yes
wrong 2 "--user alone names nothing: add --orphans" remove --user root --yes
wrong 2 "--orphans and the name of an object exclude each other" remove --orphans /by --yes
wrong 2 "--force is for what is named" remove --orphans --force --yes
wrong 2 "there is no user 'nobody_at_all'" remove --orphans --user nobody_at_all --yes
wrong 2 "there is no user 'nobody_at_all'" list --user nobody_at_all
wrong 2 "--user needs a value: USER" list --user
wrong 2 "--format needs a value" list --format
wrong 2 "'tabel' is not table, json or csv" list --format tabel
wrong 2 "did you mean '--orphans'?" list --orphan5
wrong 2 "one argument too many" list something
wrong 2 "did you mean 'remove'?" remov
wrong 1 "'sysv-que:1': 'sysv-que' is no kind of IPC object; did you mean 'sysv-queue'?" remove sysv-que:1 --yes
wrong 1 "is no kind of IPC object; there are: takt, fifo" remove qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq:1 --yes
wrong 1 "'0x0': key 0 is that of every private object" remove 0x0 --yes
wrong 1 "there is no System V object with the id '123456'" remove 123456 --yes
wrong 1 "there is no System V object with the key '0xabcdef'" remove 0xabcdef --yes
wrong 1 "there is no POSIX object of the name '/nothing'" remove /nothing --yes
wrong 1 "'sysv-shm:' names no System V object" remove sysv-shm: --yes
wrong 1 "'sysv-shm:-1' names no System V object" remove sysv-shm:-1 --yes
wrong 1 "'99999999999' names no System V object" remove 99999999999 --yes
wrong 1 "'sysv-shm:0x1g' names no System V object" remove sysv-shm:0x1g --yes
wrong 1 "'posix-shm:/' names no POSIX object" remove posix-shm:/ --yes
wrong 1 "'' names nothing" remove "" --yes
wrong 1 "nobody can be asked, since standard input is no terminal: add --yes, or --dry-run" remove posix-shm:/by
long=$(printf '%0300d' 0)
wrong 1 "names no POSIX object" remove "/$long" --yes
# Another user's: said with its owner.
run 1 as_user takt ipc remove posix-shm:/by --yes
out "kept     posix-shm:/by: this user may not remove it: its owner is root"
nothing_gone
run 1 as_user takt ipc remove posix-shm:/by --yes --force
out "this user may not remove it"
nothing_gone
# One that exists beside one that does not: the one goes, and the exit code tells.
make posix-shm /one; everything >"$work/before"
run 1 takt ipc remove /one /two --yes
only_gone "file /dev/shm/one"

# --------------------------------------------------------------------------------------- a person is asked

mkfifo "$work/keys"
# asked OBJECT: takt has asked, and waits for keys on descriptor 7.
asked() {
	: >"$work/screen"
	timeout 60 script -qfec "takt ipc remove $1; echo exit code \$?" "$work/screen" <"$work/keys" >/dev/null 2>&1 &
	asker=$!
	exec 7>"$work/keys"
	until_true grep -q "remove it? \[y/N\]" "$work/screen"
}
answer() {
	echo "$1" >&7
	until_true grep -q "exit code" "$work/screen"
	exec 7>&-
	wait "$asker"
	cp "$work/screen" "$work/out"
	name="answered $1"
}
make posix-shm /asked; everything >"$work/before"
asked /asked; answer n
out "nothing was removed"; out "exit code 1"
nothing_gone
asked /asked; answer ""
out "exit code 1"
nothing_gone
asked /asked; answer y
out "removed  posix-shm:/asked"; out "exit code 0"
only_gone "file /dev/shm/asked"
# Meanwhile somebody else has removed it, has put another one in its place, or has come to use it.
make shm 0; asked "sysv-shm:$id"; ipcrm -m "$id"; answer y
out "somebody else has removed it meanwhile"; out "exit code 0"
make posix-shm /asked; asked /asked; mv /dev/shm/asked /dev/shm/other; make posix-shm /asked; everything >"$work/before"; answer y
out "exit code"; nothing_gone
rm /dev/shm/asked /dev/shm/other
make posix-shm /asked; asked /asked; hold hold posix-map /asked; everything >"$work/before"; answer y
out "kept     posix-shm:/asked"; out "exit code 1"
nothing_gone
release
make shm 0; asked "sysv-shm:$id"; hold hold shm "$id"; everything >"$work/before"; answer y
out "kept     sysv-shm:$id"; out "exit code 1"
nothing_gone
release

# --------------------------------------------------------------------------------------- objects come and go meanwhile

(
	while [ ! -e "$work/enough" ]; do
		one=$(ipcmk -Q | grep -o '[0-9]*$'); two=$(ipcmk -M 4096 | grep -o '[0-9]*$'); three=$(ipcmk -S 1 | grep -o '[0-9]*$')
		ipc_user make posix-shm /busy; ipc_user make posix-sem /busy
		ipcrm -q "$one" -m "$two" -s "$three"
		rm -f /dev/shm/busy /dev/shm/sem.busy
	done
) >"$work/busy" 2>&1 &
comer=$!
for look in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	run 0 takt ipc list --format json
	checks=$((checks + 1))
	python3 -c "import json; json.load(open('$work/out'))" || fail "look $look: no JSON"
done
touch "$work/enough"
wait $comer

# --------------------------------------------------------------------------------------- a kernel without

if [ $has_queues = 1 ]; then
	run 0 takt ipc list --format json
	no_out "not mounted"
	make posix-queue /unlisted
	umount "$work/mqueue"
	run 0 takt ipc list
	err "POSIX message queues are not listed: their file system is not mounted"
	hold hold posix-queue /unlisted
	run 1 takt ipc remove /unlisted --yes
	out "kept     posix-queue:/unlisted"
	release
	run 0 takt ipc remove posix-queue:/unlisted --yes
	run 1 takt ipc remove posix-queue:/unlisted --yes
	mount -t mqueue none "$work/mqueue"
	run 1 takt ipc remove posix-queue:/unlisted --yes
fi
mount -t tmpfs none /proc/sysvipc
run 0 takt ipc list
err "this kernel has no System V IPC (there is no /proc/sysvipc)"
no_out "sysv-"
run 1 takt ipc remove sysv-shm:1 --yes
umount /proc/sysvipc
# Others have namespaces of their own: said, and theirs are not shown.
unshare --ipc sleep 1000 & holder=$!; holders="$holders $holder"
has_a_namespace_of_its_own() { [ "$(readlink "/proc/$1/ns/ipc")" != "$(readlink /proc/self/ns/ipc)" ]; }
until_true has_a_namespace_of_its_own "$holder"
run 0 takt ipc list
err "have IPC namespaces of their own"
release
conclude
