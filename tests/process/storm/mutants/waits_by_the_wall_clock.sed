# Sleeps last until a time of the wall clock.
# file: platform/linux/clock.c
# arguments: --only storm --seconds 3
# says: every sleep lasts until a time of the monotonic clock
s/clock_nanosleep(CLOCK_MONOTONIC/clock_nanosleep(CLOCK_REALTIME/
