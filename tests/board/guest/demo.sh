# SPDX-License-Identifier: Apache-2.0
# The demo: the robot balances, obeys a command through the shell, and survives the death of its controller.
demo_log=/tmp/demo.log
takt run /takt/configs/demo.yaml --for 60s --report /tmp/demo.report >$demo_log 2>&1 &
demo=$!
if wait_for 20 takt topic echo state -d robot --count 1 --for 50ms; then
	# Fields 40 and 41 of /proc/PID/stat: real-time priority, policy (1 is SCHED_FIFO).
	schedule() { awk '{ print $41 ":" $40 }' "/proc/$(pidof "$1")/stat"; }
	check "demo: sensor and controller run at SCHED_FIFO 80 and 70" \
		test "$(schedule sensor) $(schedule controller)" = "1:80 1:70"
	check "demo: no page faults in the loops" no_faults robot
	echo "set set_point_m=0.5" >/dev/shm/takt.robot/command.controller
	kill -KILL "$(pidof controller)"
	is_back() {
		takt node list -d robot --format csv >/tmp/nodes.csv && test "$(column /tmp/nodes.csv state | tr '\n' ' ')" = "running running " &&
			test "$(column /tmp/nodes.csv starts | tr '\n' ' ')" = "1 2 "
	}
	check "demo: the killed controller is back" wait_for 10 is_back
	sleep 1
	takt topic echo state -d robot --count 1 --format csv >/tmp/state.csv 2>/dev/null
	case $clock in
	virtual) check "demo: the robot still balances" test "$(column /tmp/state.csv phase)" = balance ;;
	*) skip "demo: the robot still balances" "in the host's time a restart may take longer than the robot takes to fall" ;;
	esac
	check "demo: no page faults after the restart" no_faults robot
else
	fail "demo: no state was published"
fi
kill $demo
wait $demo
check "demo: takt run ends with 0 when told to stop" test $? = 0
takeovers=$(awk '$1 == "motor" { print $NF; exit }' /tmp/demo.report)
check "demo: the new controller took the dead one's topic over" test "$takeovers" = 1
[ $failed = 0 ] || show $demo_log
cat /tmp/demo.report
