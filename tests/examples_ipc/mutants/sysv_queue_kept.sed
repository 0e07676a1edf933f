# The queue is not removed.
# file: apps/examples/ipc/sysv_queue_classic.c
# part: left
# says: left behind: 0x
/IPC_RMID/d
