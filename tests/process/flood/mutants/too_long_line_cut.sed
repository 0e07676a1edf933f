# A line that is too long is cut and obeyed.
# file: core/line.c
# arguments: --lines 8000
# says: nothing comes in force that no right line had|what is accepted is exactly what was right|no line is torn
s/return was_too_long ? TAKT_LIMIT : TAKT_OK;/return TAKT_OK;/
