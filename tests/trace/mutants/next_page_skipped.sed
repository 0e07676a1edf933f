# file: apps/takt/trace_packets.c
# test: packets
# Behind a damaged packet a whole one is passed over.
s,(begin / PAGE_BYTES + 1) \* PAGE_BYTES,(begin / PAGE_BYTES + 2) * PAGE_BYTES,
