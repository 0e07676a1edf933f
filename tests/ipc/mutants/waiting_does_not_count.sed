# Who waits for a semaphore does not count.
# file: platform/linux/ipc_sysv.c
# says: is_state sysv-sem|remove sysv-sem
s/object->waiting_count += .*/(void)waiting_for_zero;/
