# file: apps/takt/trace_cycle.c
# test: analysis
# What a cycle waited for a lock is its node's alone.
s/loop->present.lock_wait_ns += wait_ns;//
