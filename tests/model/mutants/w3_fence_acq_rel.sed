# W3: the look at the cell before the bit.
# file: core/protocol/wait.h
# tag: W3
# model: wait
/^static inline .*takt_wait_fence(/,/^}/ s/memory_order_seq_cst/memory_order_acq_rel/
