# A line that is too long is forgotten and not its rest: the rest is taken for a line.
# file: core/line.c
# arguments: --lines 8000
# says: what is accepted is exactly what was right|what is refused is what was wrong
s/buffer->is_too_long = 1;/buffer->count = 0;/
