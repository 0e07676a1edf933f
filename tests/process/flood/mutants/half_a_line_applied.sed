# The draft of a refused line is kept: its first assignments come in force with the next one.
# file: core/parameter.c
# arguments: --lines 40000
# says: nothing comes in force that no right line had|no line is torn
/^enum takt_status takt_parameters_set/,/^}/ s/memcpy(parameters->draft, parameters->current, parameters->type->bytes);/if (parameters->generation < 2) memcpy(parameters->draft, parameters->current, parameters->type->bytes);/
