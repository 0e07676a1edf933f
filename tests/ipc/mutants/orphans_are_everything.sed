# --orphans takes what is idle or in use too.
# file: apps/takt/ipc_remove.c
# says: --orphans
s/if (object->state != IPC_LEFT_BEHIND || (/if ((/
