# The bound is one byte too small: the longest line that a pipe writes whole is refused.
# file: core/line.c
# arguments: --lines 40000
# says: what is accepted is exactly what was right
s/if (buffer->count == sizeof(buffer->bytes) - 1)/if (buffer->count == sizeof(buffer->bytes) - 2)/
