# Memory that is attached is free.
# file: apps/takt/ipc_sysv_memory.c
# says: is_state sysv-shm
s/if (facts->item_count) {/if (0) {/
