# file: apps/takt/trace_analysis.c
# test: analysis
# However many samples were lost at once count as one.
s/hop->lost_count += event->lost.count;/hop->lost_count++;/
