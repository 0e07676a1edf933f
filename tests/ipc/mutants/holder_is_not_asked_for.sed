# Whoever has a POSIX object is asked of nobody.
# file: platform/linux/ipc_posix.c
# says: posix-shm:/mine
s/if (fcntl(descriptor, F_SETLEASE, F_WRLCK) == 0)/if (1)/
