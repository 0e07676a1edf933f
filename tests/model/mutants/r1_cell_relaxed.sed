# R1: the cell without its payload.
# file: core/protocol/ring.h
# tag: R1
# model: ring_copy
/enum takt_ring_outcome takt_ring_copy(/,/^}/ s/memory_order_acquire);$/memory_order_relaxed);/
