# The cell names the slot before its header is written: a reader behind a death finds another number in it.
# file: core/publish.c
# scenario: publish, fresh ring
/^static inline .*uint32_t commit/,/^}/ {
	/store_header(publisher, slot, number, origin);/d
	s/return takt_ring_commit(ring, number, slot_index);/uint32_t freed = takt_ring_commit(ring, number, slot_index); store_header(publisher, slot, number, origin); return freed;/
}
