# Names beyond the table of tests are kept.
# file: apps/takt/bench_options.c
# target: options
s/arguments_max = BENCH_TESTS_MAX,/arguments_max = BENCH_TESTS_MAX + 1,/
