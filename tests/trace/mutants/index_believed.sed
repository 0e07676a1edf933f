# file: apps/takt/trace_packets.c
# test: packets
# An index that says what is not so is believed.
s/if (entry_bytes \&\& !is_indexed(/if (0 \&\& !is_indexed(/
