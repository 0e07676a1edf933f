# A line may fill the buffer to its last byte.
# file: core/line.c
# target: line
s/if (buffer->count == sizeof(buffer->bytes) - 1)/if (buffer->count == sizeof(buffer->bytes))/
