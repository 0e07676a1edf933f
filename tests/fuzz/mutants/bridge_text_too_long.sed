# A text is as long as it says.
# file: apps/takt/encode_value.c
# target: bridge
s/if (used == field->count)/if (0)/
