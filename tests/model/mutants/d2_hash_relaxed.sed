# D2: the hash is seen, without the fields.
# file: core/protocol/description.h
# tag: D2
# model: description
/^static inline .*takt_description_hash(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
