# L1: the lock, without what it guards.
# file: core/protocol/lock.h
# tag: L1
# model: lock
/^static inline .*takt_lock_swap(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
