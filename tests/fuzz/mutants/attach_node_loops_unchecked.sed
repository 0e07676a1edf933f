# A node's loops may lie outside its segment.
# file: apps/takt/node_view.c
# target: attach
s/!takt_segment_holds(shm->bytes, copy.loops_offset, copy.loop_count, sizeof(struct takt_loop_shm))) {/0) {/
