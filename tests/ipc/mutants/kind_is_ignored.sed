# The kind in front of a name is not looked at.
# file: apps/takt/ipc_select.c
# says: exit code 1, expected 0|posix-shm:/mine
/if (query->source && query->source != object->source)/,+1d
