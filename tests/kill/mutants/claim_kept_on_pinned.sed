# The slot just freed serves the next publish though a borrower reads it.
# file: core/publish.c
# scenario: publish over a borrow
/^static inline .*prepare_next(/,/^}/ s/if (takt_ring_is_pinned(freed, pinned, pinned_count)) {/if (pinned_count > TAKT_BORROW_COUNT_MAX) {/
