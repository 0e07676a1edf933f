# S2: ready is seen, without the segment.
# file: core/protocol/description.h
# tag: S2
# model: description
/^static inline .*takt_ready_is_set(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
