# The lock is taken first, by a mark that names nobody and so looks alive, and its owner is stored afterwards.
# file: core/protocol/lock.h
# scenario: lock
# bound: 1
/^static inline int takt_lock_swap/,/^}/ {
	s/return atomic_compare_exchange_strong_explicit(&shared->owner, seen, mine,/int taken = atomic_compare_exchange_strong_explicit(\&shared->owner, seen, 1000,/
	s/memory_order_relaxed);/memory_order_relaxed); if (taken) atomic_store_explicit(\&shared->owner, mine, memory_order_relaxed); return taken;/
}
s/if (takt_lock_hook_owner(lock, seen & TAKT_LOCK_OWNER_MASK) == TAKT_LOCK_OWNER_DEAD) {/if ((seen \& TAKT_LOCK_OWNER_MASK) != 1000 \&\& takt_lock_hook_owner(lock, seen \& TAKT_LOCK_OWNER_MASK) == TAKT_LOCK_OWNER_DEAD) {/
