# The wake-up counts and the cells are not looked at: what was not posted did not happen.
# file: core/waiter.c
# scenario: publish to a sleeper
/^static int wait_slice/,/^}/ {
	s/if (look(waiter))/if (wakes > wakes_allowed)/
	s/return look(waiter);/return 0;/
	s/waiter->wake_count++;/return 1;/
}
