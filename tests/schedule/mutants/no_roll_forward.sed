# A publisher that died between its cell and head has used a number: here it is used twice.
# file: core/protocol/ring.h
# scenario: follow
# bound: 1
s/if (takt_cell_distance(cell, head + 1) == 0) {/if (0 \&\& cell) {/
