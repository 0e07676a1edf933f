# What may not be asked counts as free.
# file: apps/takt/ipc_remove.c
# says: remove sysv-sem:[0-9]+ --yes: exit code 0
s/object->state == IPC_LEFT_BEHIND || object->state == IPC_IDLE;/object->state != IPC_IN_USE;/
s/takt_os_ipc_remove(&object->facts, wish->is_forced)/takt_os_ipc_remove(\&object->facts, 1)/
