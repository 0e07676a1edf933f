# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/object.c
# case: objects_taken
# Neither the look at an object nor its opening stops at a link.
s/object->name, found, AT_SYMLINK_NOFOLLOW/object->name, found, 0/
s/flags | O_NOFOLLOW | O_CLOEXEC/flags | O_CLOEXEC/
