# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/object.c
# case: exchanged_names
# The look before stops at a link, the opening does not.
s/flags | O_NOFOLLOW | O_CLOEXEC/flags | O_CLOEXEC/
