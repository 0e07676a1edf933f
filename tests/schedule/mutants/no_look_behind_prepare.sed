# A contended lock is not looked at again behind prepare: a release in between had its post already.
# file: core/protocol/lock.h
# scenario: lock
# bound: 3
s/if (!atomic_compare_exchange_strong_explicit(&shared->owner, &seen, seen | TAKT_LOCK_CONTENDED,/if (!(seen \& TAKT_LOCK_CONTENDED) \&\& !atomic_compare_exchange_strong_explicit(\&shared->owner, \&seen, seen | TAKT_LOCK_CONTENDED,/
