# SPDX-License-Identifier: Apache-2.0
# file: core/command.c
# case: access
# Whoever reaches the socket may do everything.
s/else if (node->access \&\& sender/else if (0 \&\& sender/
