# U11: tail, and the items before it later.
# file: core/protocol/queue.h
# tag: U11
# model: queue
# harmless: U2's fence orders it too
/^static inline .*takt_band_commit(/,/^}/ s/\(->tail, position + 1, \)memory_order_release/\1memory_order_relaxed/
