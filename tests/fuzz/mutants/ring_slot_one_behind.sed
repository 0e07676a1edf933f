# A cell may name the slot behind the last.
# file: core/protocol/ring.h
# target: ring
s/if (index >= ring->slot_count)/if (index > ring->slot_count)/
