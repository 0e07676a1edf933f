# A depth that is no power of two is accepted.
# file: core/config_complete.c
# target: config
s/if ((depth \& (depth - 1)) == 0)/if (depth)/
