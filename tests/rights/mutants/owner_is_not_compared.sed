# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/object.c
# case: wrong_rights
# Whoever owns it.
s/rights->owner != TAKT_OS_ID_ANY && rights->owner != found->st_uid/0/
