# Every line that begins with ok ends an answer.
# file: core/commander.c
# target: commander
s/int is_ok = strncmp(line, "ok", 2) == 0 \&\& .*/int is_ok = strncmp(line, "ok", 2) == 0;/
