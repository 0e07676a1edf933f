# Who sleeps on a queue is not looked for.
# file: platform/linux/ipc_users.c
# says: did not come to pass: is_state sysv-queue
s/^	if (at == line)$/	if (1)/
