# SPDX-License-Identifier: Apache-2.0
# file: platform/linux/object.c
# case: wrong_rights
# Whatever mode.
s/rights->mode != 0 && rights->mode != mode/0/
