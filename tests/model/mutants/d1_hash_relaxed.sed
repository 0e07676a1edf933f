# D1: the hash, without the fields.
# file: core/protocol/description.h
# tag: D1
# model: description
/^static inline .*takt_description_set(/,/^}/ s/memory_order_release/memory_order_relaxed/
