# B4: no second look.
# file: core/protocol/ring.h
# tag: B4
# model: ring_borrow
s/if (atomic_load_explicit(cell, memory_order_relaxed) != before) {/if (0) {/
