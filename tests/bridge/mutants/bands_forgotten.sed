# SPDX-License-Identifier: Apache-2.0
# Types and priorities of the outside mean nothing.
# file: apps/takt/bridge_items.c
# test: queues
# case: posix_queue
s/queue->band == TAKT_BAND_ANY ? inside->band : queue->band/0/
