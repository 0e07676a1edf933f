# B8: a pin is taken, without the last owner's stores.
# file: core/protocol/ring.h
# tag: B8
# model: place
/^static inline .*takt_ring_take_pin(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
