# Both are inside at once.
# file: apps/examples/ipc/posix_semaphore_classic.c
# part: pairs
# says: ipc_posix_semaphore_classic
/^static void take_often/,/^}/ {
/sem_wait/d
/sem_post/d
/EINTR/d
}
