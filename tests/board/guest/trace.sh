# SPDX-License-Identifier: Apache-2.0
# The demo is recorded with LTTng on the board; the folder is carried out as a tar archive that the only disk is filled with, and is read
# by the machine that the board was started on (toolchain/board-trace.sh).
mkdir -p /var/run
# A node waits for the daemon when it starts, by itself 3 s, which emulation can take; and the daemon must get a processor beside nodes at
# real-time priority, whose cycles emulation makes ten times as long.
export HOME=/tmp LTTNG_UST_REGISTER_TIMEOUT=8000
sed 's/period_us: 1000/period_us: 5000/' /takt/configs/demo.yaml >/tmp/demo.yaml
check "trace: takt trace start starts the session daemon" takt trace start /tmp/run1 --config /tmp/demo.yaml
check "trace: the demo runs for 3 s while it is recorded" takt run /tmp/demo.yaml --for 3s
takt trace status
takt trace stop >/tmp/stopped
check "trace: takt trace stop ends it, and nothing was discarded" grep -q '; 0 events discarded, 0 packets lost$' /tmp/stopped
cat /tmp/stopped
# A board that only records has no library for reading.
is_refused() { ! takt trace report /tmp/run1 2>/tmp/refused && grep -q 'apt-get install libbabeltrace2-0' /tmp/refused; }
check "trace: a board without libbabeltrace2 says so" is_refused
check "trace: the folder is on the disk" tar -cf /dev/nvme0n1 -C /tmp run1
# Nothing is left that would hold the board up when it powers off.
pidof lttng-sessiond >/dev/null && kill "$(pidof lttng-sessiond)"
has_ended() { ! pidof lttng-sessiond lttng-consumerd >/dev/null; }
check "trace: the session daemon ends when it is told to" wait_for 30 has_ended
sync
