# R3: head older than the cell that was seen.
# file: core/protocol/ring.h
# tag: R3
# model: ring_copy
/^static inline .*takt_ring_resume(/,/^}/ {
	/atomic_thread_fence/d
}
