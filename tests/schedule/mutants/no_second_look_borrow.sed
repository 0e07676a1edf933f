# A pin without a second look (B4): the slot may have been given away before.
# file: core/protocol/ring.h
# scenario: borrow
# bound: 2
s/if (atomic_load_explicit(cell, memory_order_relaxed) != before) {/if (0) {/
