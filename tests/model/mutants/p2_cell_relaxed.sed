# P2: the cell without its payload.
# file: core/protocol/ring.h
# tag: P2
# model: ring_copy
/^static inline .*takt_ring_commit(/,/^}/ s/slot_index), memory_order_release/slot_index), memory_order_relaxed/
