# A newline behind a carriage return does not end the line.
# file: core/line.c
# arguments: --lines 20000
# says: what is accepted is exactly what was right
/^enum takt_status takt_line_collect/,/^}/ s/if (bytes\[i\] != '\\n') {/if (bytes[i] != '\\n' || (buffer->count \&\& buffer->bytes[buffer->count - 1] == '\\r')) {/
