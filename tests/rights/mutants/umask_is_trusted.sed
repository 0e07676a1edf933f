# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/object.c
# case: umask
# The mode that the system gave is taken for the one that was asked for.
s/if (fchmod(descriptor, (mode_t)rights->mode) != 0)/if (0)/
