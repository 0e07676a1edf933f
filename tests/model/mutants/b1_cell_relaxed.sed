# B1: the first look at the cell is relaxed.
# file: core/protocol/ring.h
# tag: B1
# model: ring_borrow
# harmless: B3 orders it too
/enum takt_ring_outcome takt_ring_borrow(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
