# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/object.c
# case: objects_taken
# A pipe that another user has begun is finished and used.
s/(found->st_uid == geteuid() || found->st_uid == rights->owner)/1/
