# The half record of a publisher that dies is published.
# file: apps/examples/ipc/sysv_memory_takt.c
# part: traps
# says: the reader gets record 1
s/raise(SIGKILL);/need(takt_publish_loan(\&publisher, \&loan, NULL), "publish");/
