# SPDX-License-Identifier: Apache-2.0
# A board where takt's user may not use SCHED_FIFO: it says so, with the remedy, and runs.
mkdir -p /dev/shm/other
chmod 1777 /dev/shm/other
su -s /bin/sh nobody -c 'ulimit -r 0; PATH=/takt/bin:/bin NO_COLOR=1 TAKT_SHM_FOLDER=/dev/shm/other takt run /takt/configs/demo.yaml --for 1s' >/tmp/rights.log 2>&1
check "rights: without SCHED_FIFO takt runs on" test $? = 0
check "rights: and says what permits it" grep -q 'ulimit -r 80.*cap_sys_nice' /tmp/rights.log
[ $failed = 0 ] || show /tmp/rights.log
