# Q2: no loop is seen, without its reads.
# file: core/protocol/parameter.h
# tag: Q2
# model: parameter
/^static inline .*takt_parameters_loop_runs(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
