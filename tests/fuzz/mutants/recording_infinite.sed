# Numbers that no float holds are accepted.
# file: apps/sensor/recording.c
# target: recording
s/ || !(fabs(value) <= (double)FLT_MAX)) {/) {/
