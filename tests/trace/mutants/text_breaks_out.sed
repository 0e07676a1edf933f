# SPDX-License-Identifier: Apache-2.0
# A quotation mark in a name ends the JSON string.
# file: apps/takt/trace_timeline.c
# test: perfetto
s/if (\*at == '"' || \*at == '\\\\')/if (0)/
