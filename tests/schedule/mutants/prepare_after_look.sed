# Prepared after the look (W1 behind W4): a post in between ends no sleep.
# file: core/waiter.c
# scenario: wait
# bound: 2
/^static int wait_slice/,/^}/ {
	s/uint32_t prepared = takt_os_sem_prepare(&waiter->shared->wake);/uint32_t prepared;/
	s/if (takt_os_sem_wait_until/prepared = takt_os_sem_prepare(\&waiter->shared->wake); if (takt_os_sem_wait_until/
}
