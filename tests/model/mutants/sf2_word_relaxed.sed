# SF2: a post, without what it announces.
# file: platform/linux/sem_futex.c
# tag: SF2
# model: sem
/takt_os_sem_post(/,/^}/ s/memory_order_release/memory_order_relaxed/
