# file: apps/takt/trace_cycle.c
# test: analysis
# That the cycle before ran into this one is forgotten.
s/present->previous_end_ns = loop->last_end_ns;//
