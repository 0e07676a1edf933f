# The roster's tables are used where its head says that they are.
# file: core/domain.c
# part: --operations 2e6
/^static enum takt_status adopt_roster/,/^}/ s/if (!takt_segment_holds_lines(total, copy.nodes_offset/if (0 \&\& !takt_segment_holds_lines(total, copy.nodes_offset/
