# A record is copied while it is written.
# file: apps/examples/ipc/sysv_memory_classic.c
# part: pairs
# says: 0 records torn
s/^\t*change(-*1);$//
