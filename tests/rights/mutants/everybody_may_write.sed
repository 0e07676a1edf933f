# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/object.c
# case: umask
# chmod 0666 and the like.
s/fchmod(descriptor, (mode_t)rights->mode)/fchmod(descriptor, (mode_t)rights->mode | 0006)/
