# The table of cells may lie outside.
# file: core/topic_segment.c
# target: attach
s/if (!takt_segment_holds(shm->bytes, found.cells_offset, found.depth, sizeof(_Atomic uint64_t)) ||/if (/
