# What a dead consumer had calls, and the take does not look for it.
# file: core/descriptor.c
# test: core/descriptor
# says: items_and_what_the_dead
/^static void look_for_dead_consumers/,/^}/ s/look_ns = 0/look_ns += 0/
