# A rule for one parameter holds for all that begin like it.
# file: core/access.c
# test: core/access
# says: every_parameter_of_a_set_must_be_allowed
s/strlen(texts\[i\]) == bytes \&\& //
