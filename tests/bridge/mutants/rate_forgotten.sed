# SPDX-License-Identifier: Apache-2.0
# file: apps/takt/bridge_loop.c
# test: text
# case: rates
# After a pause of the sender no rate holds.
s/is_state \&\& !bridge->options.carrier->is_datagram)/is_state)/
