# U1: the slot, without the reads of who freed it.
# file: core/protocol/queue.h
# tag: U1
# model: queue
/^static inline .*takt_band_find_room(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
