# Times may stand still.
# file: apps/sensor/recording.c
# target: recording
s/sample->time_s <= sample\[-1\].time_s/sample->time_s < sample[-1].time_s/
