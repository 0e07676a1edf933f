# B3: the second look at the cell before the pin.
# file: core/protocol/ring.h
# tag: B3
# model: ring_borrow
/enum takt_ring_outcome takt_ring_borrow(/,/^}/ s/fence(memory_order_seq_cst)/fence(memory_order_acq_rel)/
