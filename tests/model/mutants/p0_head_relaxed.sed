# P0: the successor's head without the dead publisher's cell.
# file: core/protocol/ring.h
# tag: P0
# model: ring_takeover
/^static inline .*takt_ring_roll_forward(/,/^}/ s/head, memory_order_release/head, memory_order_relaxed/
