# L2: the lock is free, without what was stored under it.
# file: core/protocol/lock.h
# tag: L2
# model: lock
/^static inline .*takt_lock_release(/,/^}/ s/memory_order_release/memory_order_relaxed/
