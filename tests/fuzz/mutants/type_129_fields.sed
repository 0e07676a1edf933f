# One field more than the table has is accepted.
# file: core/description.c
# target: type
s/if (field_count > TAKT_FIELD_COUNT_MAX)/if (field_count > TAKT_FIELD_COUNT_MAX + 1)/
