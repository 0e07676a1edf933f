# B7: a pin is given up, without the stores into it.
# file: core/protocol/ring.h
# tag: B7
# model: place
/^static inline .*takt_ring_give_pin(/,/^}/ s/memory_order_release/memory_order_relaxed/
