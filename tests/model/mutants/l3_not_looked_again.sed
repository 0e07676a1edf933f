# L3: a word that is contended already is slept on without another look, as it once was.
# file: core/protocol/lock.h
# tag: L3
# model: lock_wake
s/if (!atomic_compare_exchange_strong_explicit(&shared->owner, &seen, seen | TAKT_LOCK_CONTENDED,/if (!(seen \& TAKT_LOCK_CONTENDED) \&\& &/
s/&& if (!atomic/\&\& !atomic/
