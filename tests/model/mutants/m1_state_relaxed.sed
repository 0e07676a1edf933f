# M1: a command is offered, without its contents.
# file: core/protocol/mailbox.h
# tag: M1
# model: mailbox
/^static inline .*takt_mail_post(/,/^}/ s/TAKT_MAIL_POSTED, memory_order_release/TAKT_MAIL_POSTED, memory_order_relaxed/
