# Both are inside at once.
# file: apps/examples/ipc/sysv_semaphore_classic.c
# part: pairs
# says: ipc_sysv_semaphore_classic
s/change(-1, SEM_UNDO);//
s/change(1, SEM_UNDO);//
