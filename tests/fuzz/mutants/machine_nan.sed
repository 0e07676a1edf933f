# A temperature may be no number.
# file: apps/sensor/machine_state.c
# target: machine
s/!(value_c >= TEMPERATURE_C_MIN \&\& value_c <= TEMPERATURE_C_MAX)/value_c < TEMPERATURE_C_MIN || value_c > TEMPERATURE_C_MAX/
