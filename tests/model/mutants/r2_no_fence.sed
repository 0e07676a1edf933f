# R2: the second look at the cell before the words.
# file: core/protocol/ring.h
# tag: R2
# model: ring_copy
/enum takt_ring_outcome takt_ring_copy(/,/^}/ {
	/atomic_thread_fence/d
}
