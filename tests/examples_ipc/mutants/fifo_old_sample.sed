# What a former run published is counted.
# file: apps/examples/ipc/fifo_takt.c
# part: pairs
# says: ipc_fifo_takt
/^int main/,$ s/forget_old(.*//
