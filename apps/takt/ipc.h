/* SPDX-License-Identifier: Apache-2.0 */
/* `takt ipc ...`: what the machine has of inter-process communication, takt's own and what System V and POSIX call so. */
#ifndef APPS_TAKT_IPC_H
#define APPS_TAKT_IPC_H

#include "apps/takt/options.h"

extern const struct command ipc_command; /* the group */
extern const struct command ipc_list_command;
extern const struct command ipc_remove_command;
extern const struct command ipc_advise_command;

#endif
