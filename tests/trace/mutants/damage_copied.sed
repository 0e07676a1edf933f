# file: apps/takt/trace_salvage.c
# test: packets
# What is damaged is copied with the rest.
/^static int is_wanted/,/^}/s/if (packet->is_damaged)/if (0)/
