# An item is taken from the slot that the state names, whoever wrote it.
# file: core/protocol/queue.h
# toolbox: --operations 1e6
/^static inline enum takt_item_outcome takt_item_copy/,/^}/ { s/if (atomic_load_explicit(&item->number, memory_order_relaxed) != position + 1)/if (0)/; s/return atomic_load_explicit(&item->number, memory_order_relaxed) == position + 1 ? TAKT_ITEM_WHOLE/return 1 ? TAKT_ITEM_WHOLE/; }
