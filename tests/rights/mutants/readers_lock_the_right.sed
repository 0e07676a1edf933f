# SPDX-License-Identifier: Apache-2.0
# file: core/topic_segment.c
# case: reader
# Readers of a topic may open its presence file, and so keep publishers out.
s/rights.mode = write_bits | write_bits << 1;/rights.mode = write_bits | write_bits << 1 | (rights.mode \& 0444u);/
