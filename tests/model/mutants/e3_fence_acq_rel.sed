# E3: the look at the waiting mask before the bits.
# file: core/protocol/events.h
# tag: E3
# model: events
/^static inline .*takt_events_raise(/,/^}/ s/fence(memory_order_seq_cst)/fence(memory_order_acq_rel)/
