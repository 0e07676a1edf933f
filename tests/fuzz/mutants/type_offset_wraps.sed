# The end of a field is computed in 32 bits.
# file: core/flat_type.c
# target: type
s/if (field->offset + (uint64_t)field->count/if (field->offset + (uint32_t)field->count/
