# The tables of a roster may lie outside.
# file: core/domain.c
# target: attach
s/!takt_segment_holds_lines(total, copy.masks_offset, copy.mask_count, sizeof(struct takt_mask_shm)) ||//
