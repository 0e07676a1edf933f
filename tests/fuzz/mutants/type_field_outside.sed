# A field may begin inside the message and end behind it.
# file: core/flat_type.c
# target: type
s/if (field->offset + (uint64_t)field->count \* takt_kind_bytes(field->kind) > type_bytes)/if (field->offset >= type_bytes)/
