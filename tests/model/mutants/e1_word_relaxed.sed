# E1: a bit may be seen before what it tells of.
# file: core/protocol/events.h
# tag: E1
# model: events
/^static inline .*takt_events_raise(/,/^}/ s/memory_order_release/memory_order_relaxed/
