# SPDX-License-Identifier: Apache-2.0
# What finds no room in the queue is lost, although its policy is to wait.
# file: apps/takt/bridge_items.c
# test: queues
# case: full
s/when_full == TAKT_WHEN_FULL_BLOCK \&\&/when_full > 99 \&\&/
