# CPU 64 is accepted, one behind the last.
# file: apps/takt/bench_options.c
# target: options
s/read_numbers(value, 0, 63, options->cpus, 2)/read_numbers(value, 0, 64, options->cpus, 2)/
