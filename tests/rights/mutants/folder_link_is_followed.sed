# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/folder.c
# case: folder_taken
# The domain's folder may be a link.
s/openat(object->folder, object->name, FOLDER_FLAGS | O_NOFOLLOW)/openat(object->folder, object->name, FOLDER_FLAGS)/
