# file: apps/takt/trace_chain.c
# test: analysis
# A sample is linked to the newest read of its origin's topic, whatever its number.
s/ && read->origin_number == sample->origin_number)$/)/
