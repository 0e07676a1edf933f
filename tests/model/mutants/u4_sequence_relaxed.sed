# U4: the sequence, and then an older item.
# file: core/protocol/queue.h
# tag: U4
# model: queue
# harmless: U11 and U12 order it too
/^static inline .*takt_entry_waiting(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
