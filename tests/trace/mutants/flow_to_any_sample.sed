# SPDX-License-Identifier: Apache-2.0
# An arrow begins at whatever sample last had that place, not at the one that was read.
# file: apps/takt/trace_perfetto_sample.c
# test: perfetto
s/ || slot->number != read->number//
