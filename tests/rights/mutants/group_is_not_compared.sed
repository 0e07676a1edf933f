# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/object.c
# case: wrong_rights
# Whichever group.
s/rights->group != TAKT_OS_ID_ANY && rights->group != found->st_gid/0/
