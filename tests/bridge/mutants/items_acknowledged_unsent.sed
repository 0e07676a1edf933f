# SPDX-License-Identifier: Apache-2.0
# An item is acknowledged whether or not it has passed.
# file: apps/takt/bridge_items.c
# test: queues
# case: nobody
/^static int settle/,/^}/ s/return 0;/(void)0;/
