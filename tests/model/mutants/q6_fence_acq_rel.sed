# Q6: the look whether a loop runs before the pointer.
# file: core/protocol/parameter.h
# tag: Q6
# model: parameter
/^static inline .*takt_parameters_are_free(/,/^}/ s/memory_order_seq_cst/memory_order_acq_rel/
