# U3: the sequence, without the item.
# file: core/protocol/queue.h
# tag: U3
# model: queue
# harmless: U11 and U12 order it too
/^static inline .*takt_band_commit(/,/^}/ s/\(->sequence, position + 1, \)memory_order_release/\1memory_order_relaxed/
