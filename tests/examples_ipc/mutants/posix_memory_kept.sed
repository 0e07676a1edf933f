# The name stays.
# file: apps/examples/ipc/posix_memory_classic.c
# part: left
# says: left behind: posix_memory
s/ && shm_unlink(name) == 0//
