# Whoever waits for the lock sleeps to its deadline: an owner's death is seen then, and a post that died with it too.
# file: core/protocol/lock.h
# scenario: unlock, another waits
s/takt_lock_hook_sleep(shared, prepared, slice_ns < deadline_ns ? slice_ns : deadline_ns);/(void)slice_ns; takt_lock_hook_sleep(shared, prepared, deadline_ns);/
