# A copy is not looked at again (R2): half of it may be of a newer sample.
# file: core/protocol/ring.h
# scenario: publish, depth 2
# bound: 2
s/return after == before ? TAKT_RING_GOT : TAKT_RING_OVERWRITTEN;/return after ? TAKT_RING_GOT : TAKT_RING_OVERWRITTEN;/
