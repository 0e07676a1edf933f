# W2: the bit is set by a relaxed access.
# file: core/protocol/wait.h
# tag: W2
# model: wait
# harmless: P4 and W3 order it too
/^static inline .*takt_wait_arm(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
