# P3 before P2: a death between them leaves a head that no cell answers to.
# file: core/protocol/ring.h
# scenario: publish, fresh ring
s/atomic_store_explicit(cell, takt_cell_pack(number, slot_index), memory_order_release);/atomic_store_explicit(takt_ring_head(ring), number, memory_order_release);/
t
/^static inline uint32_t takt_ring_commit/,/^}/ s/atomic_store_explicit(takt_ring_head(ring), number, memory_order_release);/atomic_store_explicit(cell, takt_cell_pack(number, slot_index), memory_order_release);/
