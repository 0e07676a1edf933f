# A waiter sleeps until its deadline: a wake-up that died with its publisher is missed until then.
# file: core/waiter.c
# scenario: publish to a sleeper
s/found = wait_slice(waiter, end_ns < deadline_ns ? end_ns : deadline_ns);/found = wait_slice(waiter, deadline_ns);/
