# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/object.c
# case: replies_taken
# Pipes are found through links.
s/object->name, found, AT_SYMLINK_NOFOLLOW/object->name, found, 0/
s/flags | O_NOFOLLOW | O_CLOEXEC/flags | O_CLOEXEC/
