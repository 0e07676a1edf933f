# SPDX-License-Identifier: Apache-2.0
# file: core/command_thread.c
# case: objects_taken
# A node reads the commands of a pipe that another user made.
/rights.owner = takt_os_user_id();/d
