# A duration may be longer than a day.
# file: apps/takt/options.c
# target: options
s/ \&\& seconds <= DAY_S))/))/
