# SPDX-License-Identifier: Apache-2.0
# file: apps/takt/encode_value.c
# test: text
# case: bad_json
# A number that is too large is cut.
s/if (whole.class == ENCODE_SIGNED ? whole.signed_number < range.min : whole.unsigned_number > range.max)/if (range.min > 0)/
