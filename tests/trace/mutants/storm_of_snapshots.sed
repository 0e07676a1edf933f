# file: apps/takt/trace_deaths.c
# test: deaths
# A node that dies again and again has a snapshot of each.
s/if (deaths->all\[i\].count && now_ns >= deaths->all\[i\].due_ns)/if (deaths->all[i].count)/
