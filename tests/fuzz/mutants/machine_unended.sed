# A file larger than the buffer has no end.
# file: apps/sensor/machine_state.c
# target: machine
s/text\[sizeof(text) - 1\] = '.0';//
