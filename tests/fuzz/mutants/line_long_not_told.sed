# A line that was cut is obeyed.
# file: core/line.c
# target: line
s/return was_too_long ? TAKT_LIMIT : TAKT_OK;/return TAKT_OK;/
