# 4294967301 is 5 in 32 bits, and another object.
# file: apps/takt/ipc_select.c
# target: ipc
s/return read <= UINT32_MAX;/return 1;/
