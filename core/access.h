/* SPDX-License-Identifier: Apache-2.0 */
/* Who may command a node through its socket, by the config's `access`. Internal to core. */
#ifndef TAKT_CORE_ACCESS_H
#define TAKT_CORE_ACCESS_H

#include <stddef.h>

#include "core/config.h"
#include "core/line.h"
#include "platform/request.h"

/* The rules that concern one node, with users and groups as numbers. */
struct takt_access;

/**
 * Makes them of a config, which must live as long.
 * @param access NULL where the config has no rules: then whoever may send may command
 * @retval TAKT_OK  @retval TAKT_ABSENT no such user or group  @retval TAKT_NO_SPACE. With a message.
 * RT: start-up only; allocates.
 */
TAKT_CHECKED enum takt_status takt_access_open(struct takt_access **access, const struct takt_config *config,
					       const char *node);
/* Frees them and sets the pointer to NULL; NULL is allowed. */
void takt_access_close(struct takt_access **access);

/**
 * Whether root, this process's own user or a rule lets the sender give this command; of `set`, every parameter that it names.
 * @param why at least 160 bytes: where not, what to answer  @retval 1 it may  @retval 0
 * RT: no loop calls it; bounded by rules and words. Threads: any.
 */
int takt_access_permits(const struct takt_access *access, const struct takt_os_sender *sender,
			const struct takt_line *line, char *why, size_t why_bytes);

#endif
