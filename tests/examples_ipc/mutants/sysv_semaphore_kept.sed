# The set is not removed.
# file: apps/examples/ipc/sysv_semaphore_classic.c
# part: left
# says: left behind: 0x
/IPC_RMID/d
