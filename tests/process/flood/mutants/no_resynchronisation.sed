# A line that was too long leaves its mark on all that follow.
# file: core/line.c
# arguments: --lines 8000 --patience 4
# says: a command is answered when the flood is over
s/buffer->is_too_long = 0;/(void)0;/
