# Who writes has locked for reading.
# file: apps/examples/ipc/rwlock_takt.c
# part: pairs
# says: ipc_rwlock_takt 1000000
/^static void use_often/,/^}/ s/takt_rwlock_write_until/takt_rwlock_read_until/
