/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/foreign.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

int takt_os_foreign_error(void)
{
	return errno;
}

enum takt_status takt_os_foreign_status(int error)
{
	if (error < 0)
		error = error == INT_MIN ? INT_MAX : -error;
	switch (error) {
	case EAGAIN:
		return TAKT_EMPTY;
	case ETIMEDOUT:
		return TAKT_TIMEOUT;
	case ENODEV:
	case ENXIO:
	case ESHUTDOWN:
		return TAKT_CLOSED;
	case EBUSY:
		return TAKT_BUSY;
	case EINVAL:
	case ERANGE:
	case EDOM:
		return TAKT_INVALID;
	case ENOSYS:
	case EOPNOTSUPP:
		return TAKT_UNSUPPORTED;
	default:
		return takt_port_status(error);
	}
}

enum takt_status takt_os_program_become(const char *path, char *const *arguments)
{
	(void)execv(path, arguments);
	return takt_port_status(errno);
}
