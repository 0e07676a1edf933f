# M5: the word that says to look, without what there is to see.
# file: core/protocol/mailbox.h
# tag: M5
# model: mailbox
/^static inline .*takt_mail_post(/,/^}/ s/mail_waits, 1, memory_order_release/mail_waits, 1, memory_order_relaxed/
