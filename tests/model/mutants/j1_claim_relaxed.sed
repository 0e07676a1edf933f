# J1: a place is taken, without the last occupant's stores.
# file: core/protocol/place.h
# tag: J1
# model: place
/^static inline .*takt_place_claim(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
