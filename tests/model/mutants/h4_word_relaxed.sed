# H4: the positions are handed back, before the last look is over.
# file: core/protocol/handover.h
# tag: H4
# model: handover
/^static inline .*takt_handover_return(/,/^}/ s/memory_order_release/memory_order_relaxed/
