#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Queues from the command line, and the example with the worker that dies in the middle of a job. Usage: test_queues.sh FOLDER-OF-TAKT
. "$(dirname "$0")/command.sh"
config=$here/../../configs/jobs.yaml

# ------------------------------------------------------------------------------------------------- the example
run 0 takt check "$config"
out '^jobs  *job  *8  *8  *2  *block  *3 .*dispatcher  *anna, bert, carl'
out 'nothing stands against this config'
# The workers are asked to end once the dispatcher has: it ends by itself, and how long that takes is the machine's affair.
takt run "$config" --keep >"$work/log" 2>&1 &
nodes=$!
all_done() { grep -q 'dispatcher | all 20 jobs are done, 1 of them again' "$work/log"; }
until_true 60 all_done || fail "the jobs are not done: $(tail -3 "$work/log")"
for id in $(seq 20); do
	[ "$(grep -c "job $id done by" "$work/log")" = 1 ] || fail "job $id: $(grep "job $id " "$work/log")"
done
grep -q 'job 7 done by [a-z]*, again' "$work/log" || fail "job 7 was not done again: $(grep 'job 7' "$work/log")"
[ "$(grep -c ', again' "$work/log")" = 1 ] || fail "more than one job was done again"
grep -q 'exited with 9; restarting it (1)' "$work/log" || fail "nobody died: $(cat "$work/log")"
run 0 takt queue list
out '^jobs  *job  *8  *8  *2  *block  *0  *0  *20  *20  *1  *0 '
run 0 takt queue info jobs
out '^redelivered  *1$'
out '^dispatcher  *ended  *20 '
out '^anna  *[a-z]'
run 0 takt node info bert
out '^jobs  *takes '
kill -TERM $nodes
wait $nodes
nodes=

# ------------------------------------------------------------------------------------------- push, peek and take
run 0 takt queue push jobs id=5 work_us=7 --band 1
nothing
run 0 takt queue push jobs id=6 -n 3
run 0 takt queue peek jobs
out '^jobs\[1\] #2  age '
out 'work_us  7 us'
[ "$(grep -c '^jobs\[0\] #' "$work/out")" = 3 ] || fail "three items of band 0"
run 0 takt queue peek jobs --band 1 --format json --field id
json 'd["fields"] == {"id": 5} and d["band"] == 1 and d["owner"] is None and d["deliveries"] == 0'
run 0 takt queue peek jobs --count 1 -f csv
out '^1,2,[0-9]*,[0-9]*,0,0,,5,7$'
run 0 takt queue take jobs --format json
json 'd["fields"] == {"id": 5, "work_us": 7} and d["units"] == {"work_us": "us"} and d["deliveries"] == 1'
run 0 takt queue take jobs --count 10
[ "$(grep -c '^jobs\[0\] #' "$work/out")" = 3 ] || fail "three items taken"
run 1 takt queue take jobs
err "queue 'jobs': no item waits"
run 1 takt queue take jobs --for 20ms --band 0
run 0 takt queue push results id=0x10 worker=bob deliveries=1
run 0 takt queue take results --field worker
out 'worker  "bob"'
# What cannot be written is given back.
run 0 takt queue push jobs id=1
takt queue take jobs >/dev/full 2>"$work/err" && fail "an item was taken and not written"
err 'could not be written, and was given back'
run 0 takt queue peek jobs -f json
json 'd["is_redelivered"] and d["deliveries"] == 1'
run 0 takt queue take jobs
out 'again (delivery 2)'

# ---------------------------------------------------------------------------------------------------- bad input
run 1 takt queue push jobs id=-1
err "'-1' is no u32 for field 'id'"
run 1 takt queue push jobs id=4294967296
run 1 takt queue push jobs wrk_us=7
err "no field 'wrk_us'; did you mean 'work_us'?"
run 1 takt queue push jobs id
err "'id' is not of the form FIELD=VALUE"
run 1 takt queue push jobs id=1,2
err "has 1 elements, and these are 2"
run 1 takt queue push results worker=0123456789012345678901234567890123456789
err 'holds 32 bytes of text, and these are 40'
run 1 takt queue push jobs id=1 --band 2
err "queue 'jobs' has 2 bands, 0 to 1, and no band 2"
run 2 takt queue push jobs id=1 --band 8
run 1 takt queue peek jobs --band 2
run 1 takt queue peek jobs --field nothing
err "its type 'job' has no field 'nothing'"
run 1 takt queue push jobs id=7 --count 9
err "queue 'jobs' is full, and nothing was pushed"
run 1 takt queue push jobs id=7 --for 20ms
err "queue 'jobs' had no room in time"
run 0 takt queue list -f json
json 'd[0]["queue"] == "jobs" and d[0]["waiting"] == 8 and d[0]["producers"] == 0'
run 1 takt queue info jobz
err "has no queue 'jobz'; did you mean 'jobs'?"
run 1 takt topic info jobs
err "'jobs' of domain 'jobs' is a queue and no topic; see: takt queue info jobs"
run 0 takt topic list -f json
json 'd == []'
run 2 takt queue
err 'needs a command'
run 0 takt clean jobs
out 'removed  jobs/queue.jobs'
out 'removed  jobs/state.results'
run 1 takt queue list
# Made, and used by nobody yet.
run 0 takt create "$config"
run 0 takt queue list
out '^results  *result '
run 1 takt queue push jobs id=1
err "queue 'jobs' is not described yet"
run 0 takt queue info jobs
err 'is not described yet'
run 0 takt clean jobs

echo "$checks commands, $failures failures"
[ $failures -eq 0 ]
