# SPDX-License-Identifier: Apache-2.0
# file: apps/takt/bridge_codec.c
# test: trouble
# case: foreign_bytes
# A record of any length is a struct.
/case BRIDGE_RAW:/,/return TAKT_OK/s/if (bytes != expected)/if (0)/
