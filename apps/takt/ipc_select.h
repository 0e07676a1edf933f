/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody means by "sysv-queue:5", "5", "0x4d2", "/frames" or "robot". */
#ifndef APPS_TAKT_IPC_SELECT_H
#define APPS_TAKT_IPC_SELECT_H

#include "apps/takt/ipc_object.h"

/**
 * Finds the one object that is meant. A domain of takt's is one: it is added to the list, since it goes as a whole.
 * @retval EXIT_OK, or EXIT_FAILED with a message: there is none, there are several, or it is no name of any
 */
int ipc_select(struct ipc_list *list, const char *word, uint32_t *index);

/* 1 when two lists mean the same object by these entries. */
int ipc_is_same(const struct ipc_object *left, const struct ipc_object *right);

#endif
