# SPDX-License-Identifier: Apache-2.0
# A slice that begins within another and ends behind it is drawn.
# file: apps/takt/trace_tracks.c
# test: tracks
s/if (!is_beside && !is_around && !is_inside)/if (0)/
