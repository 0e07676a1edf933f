# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/request.c
# case: exchanged_names
# What bears the socket's name by then gets the group, also behind a link.
s/if (!takt_port_is_same(pin, found))/if (0)/
s/fchownat(pin, "", (uid_t)TAKT_OS_ID_ANY, (gid_t)group, AT_EMPTY_PATH)/fchownat(object->folder, object->name, (uid_t)TAKT_OS_ID_ANY, (gid_t)group, 0)/
