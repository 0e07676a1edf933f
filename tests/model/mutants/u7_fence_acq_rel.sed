# U7: the look at the mask before the item is there.
# file: core/protocol/queue.h
# tag: U7
# model: queue_wait
/^static inline .*takt_queue_fence(/,/^}/ s/memory_order_seq_cst/memory_order_acq_rel/
