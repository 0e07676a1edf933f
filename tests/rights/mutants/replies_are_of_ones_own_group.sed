# SPDX-License-Identifier: Apache-2.0
# file: core/commander.c
# case: commander
# A node of another user cannot open the pipe for its answer.
/rights.group = folder->rights.group;/d
