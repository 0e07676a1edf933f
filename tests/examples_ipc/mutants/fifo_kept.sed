# The name stays.
# file: apps/examples/ipc/fifo_classic.c
# part: left
# says: left behind: fifo
s/^	unlink(path);//
