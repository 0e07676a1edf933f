# SPDX-License-Identifier: Apache-2.0
# file: core/commander.c
# case: looker
# A user's node cannot answer root.
/rights.owner = folder->rights.owner;/d
