# What a dead process held of a semaphore never comes back.
# file: core/semaphore.c
# scenario: semaphore: wait
/^static void bury_the_dead(/,/^}/ s/takt_sync_is_dead(sync, i)/0/
