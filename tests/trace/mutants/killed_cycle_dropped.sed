# SPDX-License-Identifier: Apache-2.0
# The last cycle of a node that was killed is not shown.
# file: apps/takt/trace_perfetto_cycle.c
# test: perfetto
s/if (track->begin_ns == 0)/if (1)/
