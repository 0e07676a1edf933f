# The upper limit of a parameter is not looked at.
# file: core/parameter.c
# target: parameter
s/ || number > takt_parameter_as_kept(field, field->max)) {/) {/
