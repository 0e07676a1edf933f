/* SPDX-License-Identifier: Apache-2.0 */
/* `takt clean [DOMAIN]... [--all]` */
#ifndef APPS_TAKT_CLEAN_H
#define APPS_TAKT_CLEAN_H

#include "apps/takt/options.h"

extern const struct command clean_command;

/* Removes what is dead of one domain, and says so. @retval EXIT_OK nothing dead is left, or it lives; EXIT_FAILED with a message */
int clean_domain(const char *domain);

#endif
