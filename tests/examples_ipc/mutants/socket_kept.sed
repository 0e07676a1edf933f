# The name stays.
# file: apps/examples/ipc/socket_classic.c
# part: left
# says: left behind: socket
/^	unlink(/d
