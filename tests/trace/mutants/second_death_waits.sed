# file: apps/takt/trace_deaths.c
# test: deaths
# Whoever dies after another has to wait as the same one would.
s/if (death->count)$/if (1)/;s/\*oldest = (struct trace_death){.count = 0};/*oldest = (struct trace_death){.due_ns = deaths->all[0].due_ns};/
