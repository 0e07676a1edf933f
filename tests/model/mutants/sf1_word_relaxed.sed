# SF1: the post is known, without what it announces.
# file: platform/linux/sem_futex.c
# tag: SF1
# model: sem
/takt_os_sem_prepare(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
