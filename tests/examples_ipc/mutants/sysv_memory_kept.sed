# The segment is not removed.
# file: apps/examples/ipc/sysv_memory_classic.c
# part: left
# says: left behind: 0x
/shmctl(/d
