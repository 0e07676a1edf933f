# M6: the word is wiped out by a plain store, as it once was.
# file: core/protocol/mailbox.h
# tag: M6
# model: mailbox
/^static inline .*takt_mail_take(/,/^}/ s/if (!atomic_exchange_explicit(&node->mail_waits, 0, memory_order_acquire))/atomic_store_explicit(\&node->mail_waits, 0, memory_order_relaxed); if (0)/
