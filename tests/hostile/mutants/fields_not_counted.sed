# As many fields are read as the topic says that it has.
# file: core/description.c
# part: --operations 2e6
s/if (field_count > TAKT_FIELD_COUNT_MAX)/if (0)/
