# A line is kept however long it is.
# file: apps/takt/bridge_split.c
# target: bridge
s/if (end == NULL \&\& length < splitter->record_bytes)/if (end == NULL)/
