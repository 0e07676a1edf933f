# Columns beyond the table are written.
# file: apps/sensor/recording.c
# target: recording
s/if (reader->column >= COLUMN_COUNT_MAX) {/if (reader->column > COLUMN_COUNT_MAX) {/
