# A writer that died while it had the lock is not told.
# file: core/rwlock.c
# scenario: rwlock: write
/^static void bury(/,/^}/ s/takt_sync_word_set(sync, 1)/(void)0/
