# H1: the positions are taken back, before the helper's last look is over.
# file: core/protocol/handover.h
# tag: H1
# model: handover
/^static inline .*takt_handover_is_loops(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
