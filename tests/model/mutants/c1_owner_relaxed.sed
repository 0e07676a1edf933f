# C1: a spare given back, without the stores into its slot.
# file: core/protocol/ring.h
# tag: C1
# model: pool_claims
/^static inline .*takt_ring_unclaim(/,/^}/ s/memory_order_release/memory_order_relaxed/
