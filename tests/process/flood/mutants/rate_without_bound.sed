# Lines are obeyed as fast as they come.
# file: core/command_thread.c
# arguments: --lines 100000 --nodes 1
# says: lines are obeyed at a bounded rate
s/(void)takt_os_clock_sleep_until(\*paid_ns);/(void)0;/
