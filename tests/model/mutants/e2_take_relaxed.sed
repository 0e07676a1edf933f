# E2: a bit that was set once more since the look is taken without what it tells of.
# file: core/protocol/events.h
# tag: E2
# model: events
/^static inline .*takt_events_take(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
