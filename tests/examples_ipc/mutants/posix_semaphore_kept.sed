# The name stays.
# file: apps/examples/ipc/posix_semaphore_classic.c
# part: left
# says: left behind: sem.posix_sem
/sem_unlink(/d
