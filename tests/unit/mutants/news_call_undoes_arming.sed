# The helper calls first, then takes the word back: whoever armed in between waits for ever.
# file: core/descriptor.c
# test: core/descriptor
# says: news_make_it|what_|no_wake_up_is_lost
/^static void call/,/^}/ { /takt_handover_return/d; s/\ttakt_os_event_post(news->descriptor);/&\n\t(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + 2000000);\n\ttakt_handover_return(\&news->handover);/; }
