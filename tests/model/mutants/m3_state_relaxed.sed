# M3: done, without the answer.
# file: core/protocol/mailbox.h
# tag: M3
# model: mailbox
/^static inline .*takt_mail_answer(/,/^}/ s/memory_order_release/memory_order_relaxed/
