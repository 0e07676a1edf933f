# file: apps/takt/trace_cycle.c
# test: analysis
# A story that grows too long loses its begin, not its middle.
s,^#define FIRST_POINTS (TRACE_POINTS_MAX / 2),#define FIRST_POINTS 0,
