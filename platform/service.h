/* SPDX-License-Identifier: Apache-2.0 */
/* A program that a service manager runs: it tells the manager how it goes, and where its lines end up. For the supervisor. */
#ifndef TAKT_PLATFORM_SERVICE_H
#define TAKT_PLATFORM_SERVICE_H

#include "platform/folder.h"
#include "platform/status.h"

struct takt_os_service {
	char address[TAKT_OS_PATH_MAX]; /* where the manager listens; empty: nobody asked to be told */
	int errors_are_journal;		/* 1: each line of standard error may begin with its severity, "<4>" */
};

/* Looks who runs this program. The programs that it starts are not told: they are no business of the manager's. Threads: one. */
void takt_os_service_init(struct takt_os_service *service);

/**
 * Tells the manager. @param text "READY=1", "STOPPING=1", "STATUS=words for people", or several, a line each
 * @retval TAKT_OK the manager has it  @retval TAKT_ABSENT nobody asked  @retval TAKT_SYSTEM it cannot be told; with a message
 */
TAKT_CHECKED enum takt_status takt_os_service_tell(const struct takt_os_service *service, const char *text);

#endif
