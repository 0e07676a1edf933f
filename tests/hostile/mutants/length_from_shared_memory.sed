# The length of a payload is read again from the segment at each copy.
# file: core/protocol/ring.h
# part: --operations 1e6
/^static inline enum takt_ring_outcome takt_ring_copy/,/^}/ s/ring->payload_bytes);/((const struct takt_topic_shm *)(const void *)((const unsigned char *)ring->head - offsetof(struct takt_topic_shm, head)))->payload_bytes);/
