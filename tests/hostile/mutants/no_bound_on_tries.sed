# A reader tries until it succeeds.
# file: core/read.c
# part: --operations 1e6
s/attempt < TAKT_READ_TRIES_MAX; attempt++/1; attempt++/
