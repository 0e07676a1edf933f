# U2: the words may change before the number has gone.
# file: core/protocol/queue.h
# tag: U2
# model: queue_liar
/^static inline .*takt_item_fill(/,/^}/ s/atomic_thread_fence(memory_order_release);//
