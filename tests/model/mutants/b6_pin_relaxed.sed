# B6: a pin is emptied, without the reads of what it named.
# file: core/protocol/ring.h
# tag: B6
# model: ring_borrow
/^static inline .*takt_ring_unpin(/,/^}/ s/memory_order_release/memory_order_relaxed/
