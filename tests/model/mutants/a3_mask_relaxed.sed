# A3: the mask is emptied by a relaxed exchange.
# file: core/protocol/wait.h
# tag: A3
# model: wait
# harmless: P4 and W3 order it too
/^static inline .*takt_wait_collect(/,/^}/ s/memory_order_release/memory_order_relaxed/
