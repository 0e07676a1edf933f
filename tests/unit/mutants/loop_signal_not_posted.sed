# A signal that interrupts no wait is not told.
# file: core/command_thread.c
# test: core/descriptor
# says: a_signal_makes_it
/if (status == TAKT_STOPPED) {/,/}/ s/takt_command_wake_loop(node);//
