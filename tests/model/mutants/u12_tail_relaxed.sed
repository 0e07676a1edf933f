# U12: the entries as they were before tail.
# file: core/protocol/queue.h
# tag: U12
# model: queue
/^static inline .*takt_band_find_item(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
