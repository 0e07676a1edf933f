# Who waits is asked before the cell is stored (A2 before P2): who arms in between is never posted.
# file: core/publish.c
# scenario: wait
# bound: 2
/^enum takt_status takt_publish(/,/^}/ {
	s/uint32_t freed = commit(/uint64_t waiters = takt_wait_collect(publisher->mask, publisher->subscriber_mask); uint32_t freed = commit(/
	s/uint64_t woken_mask = wake(publisher);/uint64_t woken_mask = waiters;\n\tif (waiters) post(publisher, waiters);/
}
