# Head passes an item before it is leased: a death between them hides it.
# file: core/protocol/queue.h
# scenario: take
/^static inline uint32_t takt_band_lease/,/^}/ s/^\tuint32_t delivery_count = .*/&\n\ttakt_band_pass(band, position);/
