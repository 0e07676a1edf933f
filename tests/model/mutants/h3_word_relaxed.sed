# H3: the word is seen, and older positions are looked at.
# file: core/protocol/handover.h
# tag: H3
# model: handover
/^static inline .*takt_handover_is_helpers(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
