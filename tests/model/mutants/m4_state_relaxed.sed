# M4: done is seen, without the answer.
# file: core/protocol/mailbox.h
# tag: M4
# model: mailbox
/^static inline .*takt_mail_state(/,/^}/ s/memory_order_acquire/memory_order_relaxed/
