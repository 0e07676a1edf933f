#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Explores every interleaving of the spin models, and requires that each of their mutants fails. usage: spin.sh
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
command -v spin >/dev/null || { echo "spin: it is missing: toolchain/setup.sh test installs it"; exit 77; }
failed=0

# explore NAME MODEL -DOPTION...: leaves pan's report in NAME/log; 0: searched to the end, 1: an error, 2: neither
explore() {
	name=$1
	model=$2
	shift 2
	mkdir -p "$work/$name"
	(
		cd "$work/$name" || exit 2
		spin "$@" -a "$here/spin/$model.pml" >log 2>&1 || exit 2
		"${CC:-cc}" -O1 -w -DSAFETY -DVECTORSZ=512 -DMEMLIM=1500 -o pan pan.c >>log 2>&1 || exit 2
		timeout 120 ./pan -m100000 -w22 >>log 2>&1
	)
	grep -q 'max search depth too small\|Search not completed' "$work/$name/log" && ! grep -q 'errors: [1-9]' "$work/$name/log" && return 2
	grep -q 'errors: 0' "$work/$name/log" && return 0
	grep -q 'errors: [1-9]' "$work/$name/log" && return 1
	return 2
}

# must RESULT NAME MODEL -DOPTION...
must() {
	expected=$1
	shift
	explore "$@"
	result=$?
	if [ "$result" = "$expected" ]; then
		printf '%s   %-28s %s states%s\n' "$([ "$expected" = 0 ] && echo holds || echo caught)" "$1" \
			"$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$work/$1/log")" \
			"$(sed -n 's/^pan:1: \(.*\) (at.*/, \1/p' "$work/$1/log")"
	else
		echo "spin: $1: expected $([ "$expected" = 0 ] && echo 'no error' || echo 'an error'):" >&2
		tail -5 "$work/$1/log" >&2
		failed=$((failed + 1))
	fi
}

must 0 lock lock
must 0 lock_without_death lock -DDEATHS=0 -DTURNS=2
must 0 wake wake
must 0 wake_without_death wake -DDEATHS=0
must 1 owner_after_lock lock -DOWNER_AFTER
must 1 takeover_uncontended lock -DTAKEOVER_UNCONTENDED
must 1 post_before_release lock -DPOST_FIRST -DDEATHS=0 -DTURNS=2
must 1 prepared_too_late lock -DPREPARE_LATE -DDEATHS=0 -DTURNS=2
must 1 sleeper_forgets_contended lock -DFORGETS_CONTENDED -DDEATHS=0 -DTURNS=2
must 1 not_looked_again lock -DNOT_LOOKED_AGAIN -DDEATHS=0 -DTURNS=2
must 1 never_taken_over lock -DNEVER_TAKEN_OVER
must 1 no_look_behind_arming wake -DNO_LOOK -DDEATHS=0
must 1 arms_behind_its_look wake -DLOOK_FIRST -DDEATHS=0
must 1 mask_before_cell wake -DMASK_FIRST -DDEATHS=0
must 1 prepared_behind_its_look wake -DPREPARE_LATE -DDEATHS=0
must 1 posts_one_of_two wake -DONE_POST -DDEATHS=0
[ "$failed" = 0 ]
