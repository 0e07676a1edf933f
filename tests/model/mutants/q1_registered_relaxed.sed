# Q1: the loop says by a relaxed store that it is gone.
# file: core/protocol/parameter.h
# tag: Q1
# model: parameter
# harmless: liburcu's full fence when the loop goes offline stands in front of it
/^static inline .*takt_parameters_set_unregistered(/,/^}/ s/memory_order_release/memory_order_relaxed/
