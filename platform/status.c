/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/status.h"

#include <stddef.h>

static const char *const names[TAKT_STATUS_COUNT] = {
	"ok",	     "empty",	     "timeout", "full",	       "overtaken", "corrupt", "absent",
	"not ready", "mismatch",     "denied",	"busy",	       "invalid",   "exists",  "no space",
	"limit",     "system error", "closed",	"unsupported", "stopped",
};

const char *takt_status_name(enum takt_status status)
{
	const int number = (int)status;

	if (number > 0 || number <= -TAKT_STATUS_COUNT)
		return "unknown status";
	return names[-number];
}
