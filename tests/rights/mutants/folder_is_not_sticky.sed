# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/folder.c
# case: reader
# A member may remove and replace the others' objects.
s/folder.mode = S_ISVTX;/folder.mode = 0;/
