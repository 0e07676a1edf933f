# Without a terminal the answer is yes.
# file: apps/takt/ipc_remove.c
# says: exit code 0, expected 1
/^	if (!takt_os_ipc_may_ask()) {/,/^	}/c\	if (!takt_os_ipc_may_ask())\n\t\treturn EXIT_OK;
