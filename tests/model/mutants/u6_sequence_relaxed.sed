# U6: the slot is free before it was read.
# file: core/protocol/queue.h
# tag: U6
# model: queue
/^static inline .*takt_band_free(/,/^}/ s/memory_order_release/memory_order_relaxed/
