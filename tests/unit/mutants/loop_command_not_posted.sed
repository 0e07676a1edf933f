# The command thread wakes loops and no event loops.
# file: core/command.c
# test: core/descriptor
# says: a_command_makes_it
/^void takt_command_wake_loop/,/^}/ s/if (event)/if (0)/
