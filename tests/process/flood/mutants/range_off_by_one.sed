# The largest value allowed is one too large.
# file: core/parameter.c
# arguments: --lines 20000
# says: what is accepted is exactly what was right|nothing comes in force that no right line had
s/number > takt_parameter_as_kept(field, field->max)/number > takt_parameter_as_kept(field, field->max) + 1/
