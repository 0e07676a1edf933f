# file: apps/takt/trace_packets.c
# test: packets
# What is whole is copied from the file's begin.
s/read_at(packets, packet->offset + done,/read_at(packets, done,/
