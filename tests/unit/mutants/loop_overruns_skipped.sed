# An event loop that is late counts no periods.
# file: core/loop.c
# test: core/descriptor
# says: overruns_are_counted|the_timer
/^enum takt_status takt_loop_try_next/,/^}/ s/advance(loop);/loop->due_ns += loop->period_ns;/
