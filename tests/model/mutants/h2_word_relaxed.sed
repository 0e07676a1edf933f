# H2: the positions are handed over, and are not there yet.
# file: core/protocol/handover.h
# tag: H2
# model: handover
/^static inline .*takt_handover_arm(/,/^}/ s/memory_order_release/memory_order_relaxed/
