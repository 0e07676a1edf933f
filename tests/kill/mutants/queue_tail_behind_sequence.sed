# An item is there before tail says so: a death between them hides it.
# file: core/protocol/queue.h
# scenario: push
/^static inline void takt_band_commit/,/^}/ {
	s/^\tatomic_store_explicit(&takt_band_shared.*/\tatomic_store_explicit(\&takt_band_entry(band, position)->sequence, position + 1, memory_order_release);/
	t
	s/^\tatomic_store_explicit(&takt_band_entry.*/\tatomic_store_explicit(\&takt_band_shared(band)->tail, position + 1, memory_order_release);/
}
