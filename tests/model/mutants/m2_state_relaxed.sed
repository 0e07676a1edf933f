# M2: a command is taken, without its contents.
# file: core/protocol/mailbox.h
# tag: M2
# model: mailbox
/^static inline .*takt_mail_take(/,/^}/ s/memory_order_acquire, memory_order_relaxed/memory_order_relaxed, memory_order_relaxed/
