# The cell names its slot before the header is there.
# file: core/publish.c
# scenario: publish, depth 2
# bound: 2
/^static inline .*uint32_t commit/,/^}/ {
	/store_header(publisher, slot, number, origin);/d
	s/return takt_ring_commit(ring, number, slot_index);/uint32_t freed = takt_ring_commit(ring, number, slot_index); store_header(publisher, slot, number, origin); return freed;/
}
