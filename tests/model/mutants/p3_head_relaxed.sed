# P3: head without its cell.
# file: core/protocol/ring.h
# tag: P3
# model: ring_copy
/^static inline .*takt_ring_commit(/,/^}/ s/number, memory_order_release/number, memory_order_relaxed/
