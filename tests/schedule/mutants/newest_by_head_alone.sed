# A head that is older than the cell behind it is believed: what was read already seems to be newer than the newest.
# file: core/protocol/ring.h
# scenario: publish, depth 2
# bound: 3
s/return distance < 0 ? number : number + 1 + ((uint64_t)distance >> TAKT_CELL_SLOT_BITS);/return distance == 0 ? number + 1 : number;/
