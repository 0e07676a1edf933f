/* SPDX-License-Identifier: Apache-2.0 */
/* Users and groups: the part of folder.h that asks the system's user database. */
#include "platform/linux/port.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "platform/folder.h"

/* A group entry lists its members: of hundreds of them, this is enough for about 8000. */
#define ENTRY_BYTES_MAX (64u * 1024u)

uint32_t takt_os_user_id(void)
{
	return geteuid();
}

uint32_t takt_os_group_id(void)
{
	return getegid();
}

/* "1000". TAKT_OS_ID_ANY is nobody's number. */
static enum takt_status parse_id(const char *text, uint32_t *id)
{
	uint64_t value = 0;

	if (*text == '\0')
		return TAKT_ABSENT;
	for (; *text >= '0' && *text <= '9'; text++) {
		value = value * 10 + (uint64_t)(*text - '0');
		if (value >= TAKT_OS_ID_ANY)
			return TAKT_ABSENT;
	}
	if (*text != '\0')
		return TAKT_ABSENT;
	*id = (uint32_t)value;
	return TAKT_OK;
}

enum takt_status takt_os_user_find(const char *name, uint32_t *id)
{
	char entry_text[ENTRY_BYTES_MAX];
	struct passwd entry;
	struct passwd *found = NULL;
	int error;

	do
		error = getpwnam_r(name, &entry, entry_text, sizeof(entry_text), &found);
	while (error == EINTR);
	if (found == NULL)
		return parse_id(name, id);
	*id = found->pw_uid;
	return TAKT_OK;
}

enum takt_status takt_os_group_find(const char *name, uint32_t *id)
{
	char entry_text[ENTRY_BYTES_MAX];
	struct group entry;
	struct group *found = NULL;
	int error;

	do
		error = getgrnam_r(name, &entry, entry_text, sizeof(entry_text), &found);
	while (error == EINTR);
	if (found == NULL)
		return parse_id(name, id);
	*id = found->gr_gid;
	return TAKT_OK;
}
