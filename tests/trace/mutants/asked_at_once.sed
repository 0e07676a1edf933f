# file: apps/takt/trace_chain.c
# test: analysis
# A chain is asked for before the publisher has told of its sample.
s/^#define SETTLE_NS .*/#define SETTLE_NS 0u/
