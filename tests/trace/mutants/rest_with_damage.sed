# file: apps/takt/trace_salvage.c
# test: packets
# What is read on behind a damaged packet begins with that packet.
s/packet->begin_ns <= rest->after_ns)/packet->begin_ns < rest->after_ns)/
