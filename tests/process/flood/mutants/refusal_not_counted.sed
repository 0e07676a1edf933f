# A malformed line is answered and not counted.
# file: core/command.c
# arguments: --lines 8000
# says: what is accepted is exactly what was right
/^static void refuse/,/^}/ s/atomic_fetch_add_explicit(&shared_of(node)->refused_count, 1, memory_order_relaxed);/if (reply->line->verb[0]) atomic_fetch_add_explicit(\&shared_of(node)->refused_count, 1, memory_order_relaxed);/
