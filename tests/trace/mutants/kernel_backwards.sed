# file: apps/takt/trace_cycle.c
# test: analysis
# The kernel's taking a processor away and giving it back are mistaken for each other.
s/at->next == loop->thread};$/at->next != loop->thread};/
