# file: apps/takt/trace_analysis.c
# test: analysis
# What was traced before the first dump is held against what was counted after it.
s/^\t*account->traced\[at\] = 0;//
