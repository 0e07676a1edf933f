# file: apps/takt/trace_cycle.c
# test: analysis
# Of a loop's cycles the last ones are kept, not the longest.
s/response_of(&loop->worst\[at - 1\]) < response_ns/response_of(\&loop->worst[at - 1]) > response_ns/
