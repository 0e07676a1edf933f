# A dead owner's lock is waited for and never taken.
# file: core/lock.c
# arguments: --only owners
# says: an owner killed while stopped is followed
s/== TAKT_OS_DEAD ? TAKT_LOCK_OWNER_DEAD/== TAKT_OS_DEAD ? TAKT_LOCK_OWNER_ALIVE/
