# What a former run published makes the condition true.
# file: apps/examples/ipc/condition_takt.c
# part: pairs
# says: ipc_condition_takt
s/forget_old(.*//
