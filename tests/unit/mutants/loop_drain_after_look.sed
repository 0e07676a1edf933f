# A command that is posted between the look and the drain lies until the next one.
# file: core/descriptor.c
# test: core/descriptor
# says: a_command_makes_it|stop_and_start
/^enum takt_status takt_loop_descriptors_next/,/^}/ { s/if (descriptors->command >= 0 \&\& takt_os_event_drain(descriptors->command))/(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + 20000000); (void)takt_os_event_drain(descriptors->command);\n\tif (0)/; }
