# J2: a place is free, without its occupant's stores.
# file: core/protocol/place.h
# tag: J2
# model: place
/^static inline .*takt_place_leave(/,/^}/ s/memory_order_release/memory_order_relaxed/
