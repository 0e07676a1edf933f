# Half of a whole number is accepted.
# file: core/parameter.c
# target: parameter
s/(takt_parameter_is_whole(field->kind) \&\& number != floor(number))) {/0) {/
