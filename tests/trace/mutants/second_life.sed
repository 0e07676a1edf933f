# file: apps/takt/trace_analysis.c
# test: analysis
# Counters that begin at 0 again in a node's second life are taken for a continuation.
s/values\[i\] >= account->last\[at\] ? \(values\[i\] - account->last\[at\]\) : values\[i\]/\1/
