# A command with one wrong value still changes the others.
# file: core/parameter.c
# target: parameter
s/parse_assignments(parameters, parameters->draft, assignments, reply, reply_bytes);/parse_assignments(parameters, parameters->current, assignments, reply, reply_bytes);/
