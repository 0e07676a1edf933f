# file: core/topic_segment.c
# function: openat64
# scenario: fresh domain
# Who counts on an object that has gone is told a status, and no word.
/^void takt_topic_segment_say_gone/,/^}/{/takt_message(/,/;$/d}
