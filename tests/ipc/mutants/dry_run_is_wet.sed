# --dry-run removes.
# file: apps/takt/ipc_remove.c
# says: dry-run
s/if (wish->is_dry) {/if (0) {/
