# P0: the successor may look at the pins before the dead publisher's cell is seen.
# file: core/protocol/ring.h
# tag: P0
# model: ring_takeover
/^static inline .*takt_ring_roll_forward(/,/^}/ s/fence(memory_order_seq_cst)/fence(memory_order_acq_rel)/
