# A slot index from shared memory is believed.
# file: core/protocol/ring.h
# part: --operations 1e6
/^static inline unsigned char \*takt_ring_slot/,/^}/ s/index = 0;/index = index + 0;/
