# P4: stores into the freed slot before the cell.
# file: core/protocol/ring.h
# tag: P4
# model: ring_copy
/^static inline .*takt_ring_commit(/,/^}/ {
	/atomic_thread_fence/d
}
