# Both are inside at once.
# file: apps/examples/ipc/semaphore_takt.c
# part: pairs
# says: ipc_semaphore_takt
/^static void take_often/,/^}/ s/need(.*//
