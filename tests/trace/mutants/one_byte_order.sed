# file: apps/takt/trace_packets.c
# test: packets
# Numbers are read in this machine's byte order.
s/bytes\[is_swapped ? i : count - 1 - i\]/bytes[count - 1 - i]/
