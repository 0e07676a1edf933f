# CPU 64 is accepted, one behind the last.
# file: core/config_complete.c
# target: config
s/0, 0, TAKT_CPU_COUNT_MAX - 1, \&cpu/0, 0, TAKT_CPU_COUNT_MAX, \&cpu/
