# SPDX-License-Identifier: Apache-2.0
# Unit and process tests of takt on the board's own kernel. /takt/tests.txt names them.
# What two boards in virtual time are compared by ends here.
echo "BOARD COMPARED"
while read -r test kind what; do
	case $test in "" | \#*) continue ;; esac
	case $kind,$clock in
	long,virtual)
		skip "$test" "too long for virtual time; a board without it runs this test"
		continue
		;;
	esac
	began=$(cut -d' ' -f1 /proc/uptime)
	timeout -s KILL 100 "/takt/tests/$test" >/tmp/test.log 2>&1
	result=$?
	case $result in
	0) pass "$test ($(cut -d' ' -f1 /proc/uptime | awk -v began="$began" '{ printf "%.1f s", $1 - began }'))" ;;
	77) skip "$test" "$(tail -1 /tmp/test.log)" ;;
	*)
		fail "$test" "exit $result"
		grep -E 'ERROR|FAILED|rror:' /tmp/test.log >/tmp/test.errors
		show /tmp/test.errors
		;;
	esac
done </takt/tests.txt
