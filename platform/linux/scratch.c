/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/folder.h"
#include "platform/message.h"

static enum takt_status refused(const char *path, const char *doing, int error)
{
	takt_message(TAKT_ERROR, "%s: cannot %s: %s", path, doing, strerror(error));
	return takt_port_status(error) == TAKT_MISMATCH ? TAKT_SYSTEM : takt_port_status(error);
}

int takt_os_scratch_is_folder(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

enum takt_status takt_os_scratch_make(char *path, uint32_t bytes)
{
	char name[TAKT_OS_PATH_MAX];
	const char *parent = getenv("TMPDIR");
	const int length = snprintf(name, sizeof(name), "%s/takt-XXXXXX", parent && *parent ? parent : "/tmp");

	if (length >= (int)sizeof(name) || length >= (int)bytes) {
		takt_message(TAKT_ERROR, "TMPDIR=%.60s...: a shorter path is needed", parent ? parent : "");
		return TAKT_LIMIT;
	}
	if (mkdtemp(name) == NULL)
		return refused(name, "make this folder; TMPDIR names where", errno);
	memcpy(path, name, (size_t)length + 1);
	return TAKT_OK;
}

enum takt_status takt_os_scratch_link(const char *target, const char *path)
{
	return symlink(target, path) == 0 ? TAKT_OK : refused(path, "make this link", errno);
}
