# SF3: woken, without what the post announces.
# file: platform/linux/sem_futex.c
# tag: SF3
# model: sem
/takt_os_sem_wait_until(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
