# file: apps/takt/trace_deaths.c
# test: deaths
# A death within the pause of the one before is forgotten.
s/^\tdeath->count++;/\tdeath->count += death->due_ns == 0;/
