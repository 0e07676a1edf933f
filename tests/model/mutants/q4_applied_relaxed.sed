# Q4: the loop says by a relaxed store which set it has.
# file: core/protocol/parameter.h
# tag: Q4
# model: parameter
# harmless: liburcu's full fence when the loop comes online stands between
/^static inline .*takt_parameters_set_applied(/,/^}/ s/memory_order_release/memory_order_relaxed/
