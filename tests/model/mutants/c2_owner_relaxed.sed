# C2: a spare that is free, without the last owner's stores.
# file: core/protocol/ring.h
# tag: C2
# model: pool_claims
/^static inline .*takt_ring_choose(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
