# A sample from before the wait is thrown away.
# file: apps/examples/ipc/condition_takt.c
# part: traps
# says: ipc_condition_takt trap
s/check(end_of(other) == 0, "publisher");/& { struct message gone; forget_old(\&subscriber, \&gone); }/
