# The pins are looked at before the cell is stored (P5 before P2): a borrower in between is missed.
# file: core/publish.c
# scenario: borrow
# bound: 3
/^enum takt_status takt_publish(/,/^}/ {
	s/uint32_t freed = commit(/uint32_t pinned[TAKT_BORROW_COUNT_MAX], pinned_count = takt_ring_look_at_pins(\&publisher->ring, pinned); uint32_t freed = commit(/
	s/return prepare_next(publisher, freed);/if (takt_ring_is_pinned(freed, pinned, pinned_count)) return prepare_next(publisher, freed); publisher->slot_index = freed; publisher->slot = takt_ring_slot(\&publisher->ring, freed); return TAKT_OK;/
}
