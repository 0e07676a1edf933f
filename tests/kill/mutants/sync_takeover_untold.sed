# The next owner of a mutex is not told that the last one died.
# file: core/sync.c
# scenario: mutex: lock and unlock
/^enum takt_status takt_sync_take_until(/,/^}/ s/\*taken_over = found/*taken_over = 0 * found/
