# P5: a slot given back, without the borrower's reads.
# file: core/protocol/ring.h
# tag: P5
# model: ring_borrow
/^static inline .*takt_ring_look_at_pins(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
