# The loop arms before it drains what it arms for: a call between the two is heard by nobody.
# file: core/descriptor.c
# test: core/descriptor
# says: news_make_it|what_came_between_the_last_read|what_is_left_unread|no_wake_up
/^enum takt_status takt_news_descriptor_arm/,/^}/ s/\treturn TAKT_OK;$/\t(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + 5000000); (void)takt_os_event_drain(news->descriptor);\n&/
