# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/sysv_key.c
# test: trouble
# case: limits
# An exhausted limit has no name.
s/if (error == ENOSPC \&\& could_create)/if (0)/
