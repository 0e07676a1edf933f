# An item waits again before head lets it be found: a death between them hides it.
# file: core/protocol/queue.h
# scenario: give back
/^static inline void takt_band_give_back/,/^}/ s/^\tif (takt_band_head(band) > position)/\tatomic_store_explicit(\&takt_band_entry(band, position)->leased, takt_lease_given_back(position), memory_order_relaxed);\n&/
