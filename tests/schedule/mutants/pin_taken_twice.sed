# A dead subscriber's pin is stored, not swapped: two can have it, and one gives it back while the other reads.
# file: core/protocol/ring.h
# scenario: pins
# bound: 3
/^static inline int takt_ring_take_pin/,/^}/ {
	s/if (!atomic_compare_exchange_strong_explicit(&pin->owner, &owner, token, memory_order_acquire,/atomic_store_explicit(\&pin->owner, token, memory_order_relaxed); if ((owner = (/
	s/memory_order_relaxed))$/uint64_t)0))/
}
