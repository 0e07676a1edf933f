# The items of a queue may lie outside of its segment.
# file: core/queue_segment.c
# target: toolbox
s/!takt_segment_holds(shm->bytes, found->slots_offset,/0 \&\& !takt_segment_holds(shm->bytes, found->slots_offset,/
