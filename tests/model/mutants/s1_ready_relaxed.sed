# S1: ready, without the segment.
# file: core/protocol/description.h
# tag: S1
# model: description
/^static inline .*takt_ready_set(/,/^}/ s/memory_order_release/memory_order_relaxed/
