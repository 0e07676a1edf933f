# A publisher that died between its cell and its spare has left a slot with two names.
# file: core/pool.c
# scenario: two publishers
# bound: 1
/^void takt_pool_rebuild/,/^}/ {
	s/takt_pool_reclaim(ring, lock);/takt_pool_reclaim(ring, lock); if (ring) return;/
}
