# The bit is set after the look (W2 behind W4): a sample in between wakes nobody.
# file: core/waiter.c
# scenario: wait
# bound: 2
/^static int wait_slice/,/^}/ {
	/arm(waiter);/d
	s/if (takt_os_sem_wait_until/arm(waiter); if (takt_os_sem_wait_until/
}
