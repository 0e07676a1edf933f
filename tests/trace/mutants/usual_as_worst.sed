# file: apps/takt/trace_story.c
# test: analysis
# The worst cycles are those with the least too much.
s/left->excess_ns < right->excess_ns ? 1 : -1/left->excess_ns < right->excess_ns ? -1 : 1/
