# Nobody at a barrier looks whether the others live.
# file: core/barrier.c
# scenario: barrier: come, and give up
/^static int bury_the_dead(/,/^}/ s/!takt_sync_is_dead(sync, i)/1/
