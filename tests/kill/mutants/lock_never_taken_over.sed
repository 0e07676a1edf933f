# A dead owner's lock is waited for and never taken.
# file: core/lock.c
# scenario: lock and unlock
s/== TAKT_OS_DEAD ? TAKT_LOCK_OWNER_DEAD/== TAKT_OS_DEAD ? TAKT_LOCK_OWNER_ALIVE/
