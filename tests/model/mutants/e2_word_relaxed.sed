# E2: what the bits tell of may be read before them.
# file: core/protocol/events.h
# tag: E2
# model: events
/^static inline .*takt_events_seen(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
