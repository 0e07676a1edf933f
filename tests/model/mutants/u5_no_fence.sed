# U5: the second look at the number before the words.
# file: core/protocol/queue.h
# tag: U5
# model: queue_liar
/^static inline .*takt_item_copy(/,/^}/ s/atomic_thread_fence(memory_order_acquire);//
