# SPDX-License-Identifier: Apache-2.0
# file: core/segment.c
# case: reader
# Whoever may read a topic may write it.
s/\.mode = rights->mode};/.mode = rights->mode | ((rights->mode \& 0040u) >> 1)};/
