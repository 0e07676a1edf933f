# SPDX-License-Identifier: Apache-2.0
# Of two bins that become one, the first one's largest value is kept.
# file: apps/takt/trace_series.c
# test: series
s/if (to->count == 0 || from->max > to->max) {/if (to->count == 0) {/
