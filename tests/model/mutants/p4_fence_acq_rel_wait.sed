# P4: the look at the waiting mask before the cell.
# file: core/protocol/ring.h
# tag: P4
# model: wait
/^static inline .*takt_ring_commit(/,/^}/ s/fence(memory_order_seq_cst)/fence(memory_order_acq_rel)/
