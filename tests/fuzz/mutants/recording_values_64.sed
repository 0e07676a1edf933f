# Values beyond the table of columns are looked up.
# file: apps/sensor/recording.c
# target: recording
s/if (reader->column >= COLUMN_COUNT_MAX || reader/if (reader/
