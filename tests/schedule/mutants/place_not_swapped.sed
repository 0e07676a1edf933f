# A place is stored, not swapped: two nodes can have it.
# file: core/protocol/place.h
# scenario: place
# bound: 2
/^static inline int takt_place_claim/,/^}/ {
	s/return atomic_compare_exchange_strong_explicit(&place->token, &seen, token, memory_order_acquire,/atomic_store_explicit(\&place->token, token, memory_order_relaxed); return seen != (/
	s/memory_order_relaxed);$/UINT64_MAX);/
}
