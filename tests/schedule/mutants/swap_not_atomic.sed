# The lock is looked at and then stored: two can take it.
# file: core/protocol/lock.h
# scenario: lock
# bound: 1
/^static inline int takt_lock_swap/,/^}/ {
	s/return atomic_compare_exchange_strong_explicit(&shared->owner, seen, mine, memory_order_acquire,/uint64_t there = atomic_load_explicit(\&shared->owner, memory_order_acquire); if (there != *seen) { *seen = there; return 0; } atomic_store_explicit(\&shared->owner, mine,/
	s/memory_order_relaxed);/memory_order_relaxed); return 1;/
}
