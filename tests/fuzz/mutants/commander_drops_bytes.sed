# What stands behind a line in the same piece is lost.
# file: core/commander.c
# target: commander
s/for (uint32_t at = 0, used; at < count; at += used) {/for (uint32_t at = 0, used; at < count; at += used + 1) {/
