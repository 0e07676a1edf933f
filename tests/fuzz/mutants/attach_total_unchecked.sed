# A segment may say that it is larger than its file.
# file: core/segment.c
# target: attach
s/ || head.total_bytes > shm->bytes) {/) {/
