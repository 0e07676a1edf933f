# A field name without an end is accepted.
# file: core/flat_type.c
# target: type
s/if (!is_terminated(field->name, sizeof(field->name)) || /if (/
