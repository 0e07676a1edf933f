# SPDX-License-Identifier: Apache-2.0
# file: apps/takt/bridge_loop.c
# test: trouble
# case: full
# What does not fit is lost without a word.
s/++\*place_of(&bridge->counts, status);/if (status != TAKT_FULL) ++*place_of(\&bridge->counts, status);/
