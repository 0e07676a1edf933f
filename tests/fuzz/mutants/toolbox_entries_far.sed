# The state of a queue's items may lie outside of its segment.
# file: core/queue_segment.c
# target: toolbox
s/!takt_segment_holds_lines(shm->bytes, found->entries_offset,/0 \&\& !takt_segment_holds_lines(shm->bytes, found->entries_offset,/
