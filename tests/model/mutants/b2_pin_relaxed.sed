# B2: a pin that names another sample, without the reads of the last.
# file: core/protocol/ring.h
# tag: B2
# model: ring_borrow
/enum takt_ring_outcome takt_ring_borrow(/,/^}/ s/memory_order_release/memory_order_relaxed/
