# A zero byte is kept: what stands before it is obeyed.
# file: core/line.c
# arguments: --lines 20000
# says: what is accepted is exactly what was right|nothing comes in force that no right line had|no line is torn
s/bytes\[i\] ? bytes\[i\] : ZERO_SHOWN/bytes[i]/
