# A cell may name a slot that is none.
# file: core/protocol/ring.h
# target: ring
s/if (index >= ring->slot_count)/if (0)/
