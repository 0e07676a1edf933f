# An escaped text may fill its buffer to the last byte.
# file: apps/takt/run_output.c
# target: text
s/if (output->count == RUN_LINE_BYTES)/if (output->count == RUN_LINE_BYTES + 1)/
