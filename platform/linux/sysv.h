/* SPDX-License-Identifier: Apache-2.0 */
/* What the port's System V files share. */
#ifndef TAKT_PLATFORM_LINUX_SYSV_H
#define TAKT_PLATFORM_LINUX_SYSV_H

#include <stdint.h>

#include "platform/status.h"

/* What is asked for: "System V message queue", its key, the tool's option that lists such, and the limit on their number. */
struct takt_port_sysv {
	const char *noun;
	int32_t key;
	const char *listed_by; /* "ipcs -q" */
	const char *control;   /* "kernel.msgmni" */
};

/* Says why it could not be had. @param error errno of the get call */
enum takt_status takt_port_sysv_refused(const struct takt_port_sysv *object, int error, int could_create);

/* For calls on an object that was had. @retval TAKT_ABSENT removed, without a message  @retval others with one */
enum takt_status takt_port_sysv_lost(const struct takt_port_sysv *object, const char *doing, int error);

#endif
