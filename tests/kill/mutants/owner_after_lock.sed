# The lock is taken first, by a mark that names nobody and so looks alive, and its owner is stored afterwards.
# file: core/protocol/lock.h
# compile: core/lock.c
# scenario: lock and unlock
s/return atomic_compare_exchange_strong_explicit(&shared->owner, seen, mine, memory_order_acquire, memory_order_relaxed);/if (!atomic_compare_exchange_strong_explicit(\&shared->owner, seen, 1, memory_order_acquire, memory_order_relaxed)) return 0; atomic_store_explicit(\&shared->owner, mine, memory_order_relaxed); return 1;/
s/if (takt_lock_hook_owner(lock, seen & TAKT_LOCK_OWNER_MASK) == TAKT_LOCK_OWNER_DEAD) {/if ((seen \& TAKT_LOCK_OWNER_MASK) != 1 \&\& takt_lock_hook_owner(lock, seen \& TAKT_LOCK_OWNER_MASK) == TAKT_LOCK_OWNER_DEAD) {/
