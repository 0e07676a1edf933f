# Q5: applied is seen, without the reads of the older set.
# file: core/protocol/parameter.h
# tag: Q5
# model: parameter
/^static inline .*takt_parameters_applied(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
