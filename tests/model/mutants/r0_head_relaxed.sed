# R0: head without its cell.
# file: core/protocol/ring.h
# tag: R0
# model: ring_copy
/^static inline .*takt_ring_newest(/,/^}/ s/takt_ring_head(ring), memory_order_acquire/takt_ring_head(ring), memory_order_relaxed/
