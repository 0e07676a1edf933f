# The number before a payload is not compared with the one that was asked for.
# file: core/read.c
# part: --operations 1e6
s/if (fetch->header.number != number)/if (0)/
