# The name stays.
# file: apps/examples/ipc/posix_queue_classic.c
# part: left
# says: left behind: posix_queue
s/ && mq_unlink(name) == 0//
