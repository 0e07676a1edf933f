# SPDX-License-Identifier: Apache-2.0
# Figures of latency for tests/board/expected-latency, as lines "BOARD FIGURE NAME P50 P99 MAX MEAN" in ns; tests/board/latency.c says how.
# A board of its own, with a memory disk that holds nothing else, runs this part.

# What boots late has ended, and random numbers are there, before anything is measured.
sleep 5
head -c 1 /dev/random >/dev/null
figure() {
	check "latency: $1" latency /takt/configs/latency.yaml "$1" 2>/tmp/latency.log
	[ $failed = 0 ] || show /tmp/latency.log
}
for name in bare_sleep wake_up bare_semaphores sample_wake bare_pipes command; do
	figure $name
done

# The demo at the period of the program; the rounds that this one wants: 100 to warm up, five sweeps of 2000 phases, one more.
rounds=10101
sed 's/period_us: 1000/period_us: 1018/' /takt/configs/demo.yaml >/tmp/chain.yaml
check "latency: the demo's period is changed" grep -q 'period_us: 1018' /tmp/chain.yaml
takt run /tmp/chain.yaml --for 14s --quiet >/tmp/latency.log 2>&1 &
demo=$!
wait_for 20 takt topic echo motor -d robot --count 1 --for 50ms
sleep 1
takt topic echo motor -d robot --count $rounds --format csv >/tmp/motor.csv 2>/dev/null
no_faults robot
check "latency: no page faults in the loops" test $? = 0
wait $demo
[ $failed = 0 ] || show /tmp/latency.log
awk -F, 'NR > 2 && $1 != last + 1 { bad++ } { last = $1 } END { exit bad || NR < 2 }' /tmp/motor.csv
check "latency: no motor command was missed" test $? = 0
awk -F, 'NR > 1 { printf "%d\n", $2 - $3 }' /tmp/motor.csv >/tmp/chain
figure chain </tmp/chain
