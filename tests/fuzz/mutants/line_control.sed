# Control characters pass.
# file: core/line.c
# target: line
s/if ((byte >= 0x20 || byte == .\\t. || byte == .\\r.) \&\& byte != 0x7f)/if (byte)/
