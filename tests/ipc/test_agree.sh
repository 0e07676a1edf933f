#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `takt ipc list` and `takt ipc remove` beside ipcs and ipcrm, object by object, as root and as ordinary users.
# Usage: test_agree.sh FOLDER-OF-TAKT FOLDER-OF-PROGRAMS
. "$(dirname "$0")/common.sh"

# What ipcs says: kind, key, id, owner, perms, bytes, items.
by_ipcs() {
	"$@" ipcs -q | awk '/^0x/ {print "sysv-queue", $1, $2, $3, $4, $5, $6}'
	"$@" ipcs -m | awk '/^0x/ {print "sysv-shm", $1, $2, $3, $4, $5, $6}'
	"$@" ipcs -s | awk '/^0x/ {print "sysv-sem", $1, $2, $3, $4, 0, $5}'
}
by_takt() {
	"$@" takt ipc list --format json 2>/dev/null | python3 -c '
import json, sys
for row in json.load(sys.stdin):
	if row["kind"].startswith("sysv"):
		print(row["kind"], row["key"], row["id"], row["owner"], row["perms"], row["bytes"], row["items"])'
}
agree() {
	name="agreement with ipcs $1"
	shift
	checks=$((checks + 1))
	by_ipcs "$@" | sort >"$work/out"
	by_takt "$@" | sort >"$work/err"
	cmp -s "$work/out" "$work/err" || fail "ipcs (out) and takt (err) differ: $(diff "$work/out" "$work/err" | head -5)"
	[ "$(wc -l <"$work/out")" -ge "${least:-0}" ] || fail "ipcs shows fewer than $least objects: nothing was compared"
}

# ------------------------------------------------------------------------------------------------- the same is listed
agree "where nothing is" env
ipcmk -Q -p 0600 >"$work/out"; ipcmk -M 8192 -p 0666 >"$work/out"; ipcmk -S 7 -p 0444 >"$work/out"
ipcmk -M 1 -p 0 >"$work/out"
as_user ipcmk -Q -p 0777 >"$work/out"; as_user ipcmk -M 123456 -p 0620 >"$work/out"; as_user ipcmk -S 1 -p 0 >"$work/out"
make queue 0x4d2; queue=$id
make shm 0x80000001; shm=$id # keys are signed to the kernel
make sem 0x7fffffff; sem=$id
make_as_user queue 0; private=$id
hold hold shm "$shm"
least=11
agree "as root" env
agree "as a user" as_user
agree "as another user" as_other
release
least=0

# ----------------------------------------------------------------------------------------- the same can be removed
# both CODE WHO IPCRM-ARGUMENTS -- WORD: two objects alike, one for each of the two programs.
twins() { # KIND RUNNER: ids in $first and $second
	case $2 in user) make_as_user "$1" 0 ;; *) make "$1" 0 ;; esac
	first=$id
	case $2 in user) make_as_user "$1" 0 ;; *) make "$1" 0 ;; esac
	second=$id
}
for kind in queue:q shm:m sem:s; do
	letter=${kind#*:} kind=${kind%:*}
	for owner in root user; do
		for remover in env as_user as_other; do
			twins $kind $owner
			timeout 20 $remover ipcrm -"$letter" "$first" >"$work/out" 2>&1
			code=$?
			run $((code != 0)) $remover takt ipc remove "sysv-$kind:$second" --yes
			agree "after $remover removed a $kind of $owner" env
			left=$(by_ipcs | awk -v kind="sysv-$kind" -v a="$first" -v b="$second" '$1 == kind && ($3 == a || $3 == b)' | wc -l)
			case $left in 0) same $code 0 "both are gone" ;; 2) same $code 1 "both are there" ;; *) fail "one removed it and the other did not" ;; esac
			[ "$left" = 0 ] || ipcrm -"$letter" "$first" -"$letter" "$second"
		done
	done
	# What does not exist.
	timeout 20 ipcrm -"$letter" 123456 >"$work/out" 2>&1 && fail "ipcrm removed nothing and is content"
	run 1 takt ipc remove "sysv-$kind:123456" --yes
	err "there is no sysv-$kind 'sysv-$kind:123456' here"
done

# By key, in every way in which both understand one.
run 0 takt ipc remove 0x4d2 --yes
out "removed  sysv-queue:$queue (key 0x000004d2): 1 message, 16 bytes"
run 0 takt ipc remove sysv-shm:0x80000001 sysv-sem:0x7FFFFFFF --yes
same "$(by_ipcs | awk -v a="$queue" -v b="$shm" -v c="$sem" '($1 == "sysv-queue" && $3 == a) || ($1 == "sysv-shm" && $3 == b) || ($1 == "sysv-sem" && $3 == c)' | wc -l)" 0 "left by key"
ipcrm -Q 0x4d2 >"$work/out" 2>&1 && fail "ipcrm found a key that takt removed"
run 1 takt ipc remove 0x4d2 --yes
run 0 takt ipc remove "sysv-queue:$private" --yes
agree "at the end" env
conclude
