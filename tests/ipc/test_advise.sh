#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `takt ipc advise`: every combination of answers gives a config that takt itself accepts; figures are those that were measured here.
# Usage: test_advise.sh FOLDER-OF-TAKT FOLDER-OF-PROGRAMS
. "$(dirname "$0")/common.sh"
export XDG_STATE_HOME=$work/state
mkdir "$work/state"

# The programs that the advice calls ./writer and ./reader.
mkdir "$work/advised"
cp /bin/true "$work/advised/writer"
cp /bin/true "$work/advised/reader"

# advise ARGUMENT...: and its config is checked.
advise() {
	run 0 takt ipc advise --format json "$@"
	python3 -c "
import json
print('\n'.join(row['line'] for row in json.load(open('$work/out'))['config']))" >"$work/advised/config.yaml" || fail "no config"
	cp "$work/out" "$work/advice"
	run 0 takt check "$work/advised/config.yaml"
	cp "$work/advice" "$work/out"
	name="takt ipc advise $*"
}
says() {
	checks=$((checks + 1))
	python3 -c "
import json, sys
text = json.load(open('$work/out'))['advice'][sys.argv[1]]
sys.exit(0 if sys.argv[2] in str(text) else 1)" "$1" "$2" || fail "its $1 does not say '$2'"
}
config_has() { checks=$((checks + 1)); grep -qxF -e "$1" "$work/advised/config.yaml" || fail "the config lacks: $1"; }

# ------------------------------------------------------------------------------- every combination of answers
for readers in one many; do for samples in every newest once; do for related in yes no; do for machines in one several; do
	for size in 1:0.001 64:100 64:1000 4097:200000 1048576:30; do
		advise --bytes "${size%:*}" --rate "${size#*:}" --readers $readers --samples $samples --related $related --machines $machines
		config_has "    bytes: ${size%:*}"
		if [ $machines = several ]; then says mechanism "takt bridge data --to udp:HOST:PORT"; else says why "."; fi
	done
done; done; done; done
advise --bytes 67108864 --rate 1 --readers one --samples newest --related no --machines one

# ------------------------------------------------------------------------------- what is advised
one() { advise --bytes "$1" --rate "$2" --readers "$3" --samples "$4" --related "$5" --machines "$6"; }
one 64 1000 many every no one
says mechanism "a takt topic, read sample by sample"; says classic "UNIX datagram socket"; says depth 128
config_has "    period_us: 1000"; config_has "  - name: reader_2"; config_has "    deadline_us: 5000"
one 64 1000 one every no one
says classic "POSIX message queue"
one 20000 1000 one every no one
says classic "UNIX datagram socket"; config_has "    loans: 1"; config_has "    borrows: 1"
one 64 50 one every yes one
says mechanism "an anonymous pipe"
one 64 5000 one every yes one
says mechanism "a takt topic"
one 64 50 many every yes one
says mechanism "a takt topic"
one 64 1000 many newest no one
says mechanism "the newest sample"; says classic "POSIX shared memory"; says depth 4
one 100000 30 one every no several
says why "One datagram carries 65507 bytes"; says why "UDP may lose"
one 8 1000000 one every no one
says depth 4096
checks=$((checks + 1))
grep -q period_us "$work/advised/config.yaml" && fail "a period shorter than the config can say"
one 64 1000 many once no one
printf 'domain: d\nqueues: [{name: q, type: q, bytes: 8, depth: 2}]\nnodes: [{name: a, program: /bin/true, pushes: [q]}]\n' >"$work/probe.yaml"
if takt check "$work/probe.yaml" >"$work/probe" 2>&1; then
	says mechanism "a takt queue"; config_has "queues:"; config_has "    takes: [data]"
else
	says mechanism "POSIX message queue"; says why "this takt has none"; config_has "topics:"
fi

# ------------------------------------------------------------------------------- for people
words=(--bytes 64 --rate 1000 --readers one --samples every --related no --machines one)
run 0 takt ipc advise "${words[@]}"
out "take: a takt topic"; out "without takt: POSIX message queue"; out "    depth: 128"
err "nothing was measured on this machine yet; for figures beside this advice: takt bench transports"
run 0 takt ipc advise "${words[@]}" --format csv
out "mechanism,classic,why,depth"

# ------------------------------------------------------------------------------- figures
run 0 takt bench transports --quick --seconds 0.02 --sizes 64,1024 --format json
cp "$work/out" "$work/measured"
run 0 takt ipc advise "${words[@]}" --format json
checks=$((checks + 1))
python3 -c "
import json
rows = [row for row in json.load(open('$work/measured')) if row['bytes'] == 64]
measured, streams = ({row['case'].split(', ', 1)[1]: row for row in rows if row['unit'] == unit} for unit in ('ns', '1/s'))
shown = json.load(open('$work/out'))['figures']
assert len(shown) == len(measured) >= 9, (len(shown), len(measured))
for row in shown:
	other = measured[row['transport']]
	assert row['message_B'] == 64
	assert abs(row['one_way_us'] - other['floor'] / 1e3) < 0.01, (row, other)
	assert abs(row['takt_one_way_us'] - other['takt'] / 1e3) < 0.01, (row, other)
	if row['transport'] in streams:
		assert abs(row['messages_per_s'] - streams[row['transport']]['floor']) <= 1, (row, streams[row['transport']])
		assert abs(row['takt_messages_per_s'] - streams[row['transport']]['takt']) <= 1, row
	else:
		assert 'shared memory' in row['transport'] and row['messages_per_s'] is None, row
assert len(streams) >= 7
assert [row['transport'] for row in shown if row['advice']] == ['POSIX message queue']" || fail "the figures are not those that were measured"
run 0 takt ipc advise --bytes 65 "${words[@]:2}" --format json
out '"message_B": 1024'
run 0 takt ipc advise --bytes 9999 "${words[@]:2}" --format json
out '"message_B": 1024'
store=$XDG_STATE_HOME/takt/bench-transports.json
sed -i 's/"processor": ".*"/"processor": "another one"/' "$store"
run 0 takt ipc advise "${words[@]}" --format json
err "are another machine's (another one"; no_out figures
for broken in '' '{' '[]' '{"rows": 7}' '{"rows": [{"transport": 7, "bytes": -1, "one_way_ns": "x"}]}' '{"rows": [[], null, {}]}'; do
	echo "$broken" >"$store"
	run 0 takt ipc advise "${words[@]}"
	err "it holds no figures of transports; measure anew: takt bench transports"
	no_out figures
done
rm -r "$XDG_STATE_HOME"
run 0 env -u HOME -u XDG_STATE_HOME takt ipc advise "${words[@]}"
err "nothing was measured"
run 0 env -u XDG_STATE_HOME HOME=/nonexistent takt bench transports --quick --seconds 0.02 --sizes 64
err "the figures of transports cannot be kept"

# ------------------------------------------------------------------------------- wrong and missing answers
wrong() { # WORDS ARGUMENT...
	local words=$1
	shift
	run 2 takt ipc advise "$@"
	err "$words"
	checks=$((checks + 1))
	[ ! -s "$work/out" ] || fail "it advises all the same"
}
wrong "not answered: --bytes, --rate, --readers, --samples, --related, --machines"
wrong "not answered: --rate, --machines" --bytes 64 --readers one --samples every --related no
wrong "--bytes: '0' is no size" --bytes 0
wrong "--bytes: '67108865' is no size" --bytes 67108865
wrong "--bytes: '64k' is no size" --bytes 64k
wrong "--bytes: '-64' is no size" --bytes=-64
wrong "--rate: '0' is no rate" --rate 0
wrong "--rate: '1000001' is no rate" --rate 1000001
wrong "--rate: 'nan' is no rate" --rate nan
wrong "--rate: '1e' is no rate" --rate 1e
wrong "--readers: 'two' is none of one|many" --readers two
wrong "--samples: '' is none of every|newest|once" --samples ""
wrong "--related: 'perhaps' is none of yes|no" --related perhaps
wrong "--machines: 'on' is none of one|several" --machines on
wrong "--rate needs a value" --rate
wrong "one argument too many" 64
wrong "'xml' is not table, json or csv" "${words[@]}" --format xml

# ------------------------------------------------------------------------------- asked on a terminal
mkfifo "$work/keys"
: >"$work/screen"
timeout 60 script -qfec "takt ipc advise --rate 1000 --machines one; echo exit code \$?" "$work/screen" <"$work/keys" >/dev/null 2>&1 &
asker=$!
exec 7>"$work/keys"
asked() { until_true grep -qF "$1" "$work/screen"; echo "$2" >&7; }
asked "size of one sample" 0
asked "'0' is no answer to that" 64
asked "how many read them" many
asked "what a reader wants" newest
asked "does one of the processes start the other?" no
until_true grep -q "exit code" "$work/screen"
exec 7>&-
wait $asker
cp "$work/screen" "$work/out"
name="answers on a terminal"
out "take: a takt topic, of which readers take the newest sample"; out "exit code 0"
conclude
