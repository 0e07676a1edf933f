# file: apps/takt/trace_deaths.c
# test: deaths
# Who still waits to be saved loses its place to the next one.
s/if (death->count == 0 && (oldest/if ((oldest/
