# M6: the word is taken, without what there is to see.
# file: core/protocol/mailbox.h
# tag: M6
# model: mailbox
/^static inline .*takt_mail_take(/,/^}/ s/mail_waits, 0, memory_order_acquire/mail_waits, 0, memory_order_relaxed/
