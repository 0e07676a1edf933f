/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/sysv.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>

#include "platform/linux/sysv.h"
#include "platform/message.h"

#define PROJECT_MAX 255

struct takt_os_control takt_os_control_read(const char *name)
{
	struct takt_os_control control = {"?"};
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/sys/%s", name);
	for (char *dot = path; (dot = strchr(dot, '.')) != NULL;)
		*dot = '/';
	file = fopen(path, "re");
	if (file == NULL)
		return control;
	if (fgets(control.text, sizeof(control.text), file) == NULL)
		(void)snprintf(control.text, sizeof(control.text), "?");
	(void)fclose(file);
	control.text[strcspn(control.text, "\n")] = '\0';
	for (char *tab = control.text; (tab = strchr(tab, '\t')) != NULL;)
		*tab = ' ';
	return control;
}

/* @retval 1 it is a number that a key can be */
static int read_number(const char *text, int32_t *key)
{
	char *end;
	long long number;

	if (text[0] < '0' || text[0] > '9')
		return 0;
	errno = 0;
	number = strtoll(text, &end, 0);
	/* Keys are shown as 0x and eight digits: those above 2^31 are the negative ones. */
	if (*end != '\0' || errno != 0 || number > (long long)UINT32_MAX)
		return 0;
	*key = (int32_t)(uint32_t)number;
	return 1;
}

static enum takt_status read_path(const char *text, int32_t *key)
{
	char path[PATH_MAX];
	const char *comma = strrchr(text, ',');
	long project = 1;
	char *end;

	if (comma != NULL) {
		project = strtol(comma + 1, &end, 0);
		if (end == comma + 1 || *end != '\0' || project < 1 || project > PROJECT_MAX) {
			takt_message(TAKT_ERROR,
				     "System V key '%s': behind the comma stands ftok's project, a number from 1 to %d",
				     text, PROJECT_MAX);
			return TAKT_INVALID;
		}
	}
	if (snprintf(path, sizeof(path), "%.*s", comma ? (int)(comma - text) : (int)strlen(text), text) >=
	    (int)sizeof(path))
		path[0] = '\0';
	const key_t made = ftok(path, (int)project);
	if (made == -1) {
		const int error = errno;

		takt_message(
			TAKT_ERROR,
			"System V key '%s': ftok cannot look at the path: %s; it must be one that exists, the same "
			"as the other program's",
			text, strerror(error));
		return takt_port_status(error) == TAKT_DENIED ? TAKT_DENIED : TAKT_ABSENT;
	}
	*key = (int32_t)made;
	return TAKT_OK;
}

enum takt_status takt_os_sysv_key(const char *text, int32_t *key)
{
	if (read_number(text, key)) {
		if (*key != 0)
			return TAKT_OK;
		takt_message(TAKT_ERROR, "System V key '%s': 0 is IPC_PRIVATE, which names no object; use another",
			     text);
		return TAKT_INVALID;
	}
	if (strchr(text, '/') != NULL)
		return read_path(text, key);
	takt_message(
		TAKT_ERROR,
		"System V key '%s': neither a number (0x5441, 21569) nor a path for ftok, which has a slash (./queue, "
		"/srv/plant,7)",
		text);
	return TAKT_INVALID;
}

enum takt_status takt_port_sysv_refused(const struct takt_port_sysv *object, int error, int could_create)
{
	const uint32_t key = (uint32_t)object->key;

	if (error == ENOENT) {
		takt_message(
			TAKT_ERROR,
			"there is no %s with the key 0x%08x (%s); start the program that makes it, or give --create",
			object->noun, key, object->listed_by);
		return TAKT_ABSENT;
	}
	if (error == EACCES || error == EPERM) {
		takt_message(TAKT_ERROR,
			     "%s 0x%08x: uid %u may not use it; its owner and mode say who may (%s): run this as its "
			     "owner, or let its owner widen the mode",
			     object->noun, key, takt_os_user_id(), object->listed_by);
		return TAKT_DENIED;
	}
	if (error == ENOSPC && could_create) {
		const struct takt_os_control limit = takt_os_control_read(object->control);

		takt_message(
			TAKT_ERROR,
			"%s 0x%08x: the system has as many as it may: %s is %s; remove what nobody uses (%s, ipcrm), "
			"or raise it with sysctl -w %s=...",
			object->noun, key, object->control, limit.text, object->listed_by, object->control);
		return TAKT_NO_SPACE;
	}
	takt_message(TAKT_ERROR, "%s 0x%08x: cannot have it: %s (%s)", object->noun, key, strerror(error),
		     object->listed_by);
	return takt_port_status(error) == TAKT_NO_SPACE ? TAKT_NO_SPACE : TAKT_SYSTEM;
}

enum takt_status takt_port_sysv_lost(const struct takt_port_sysv *object, const char *doing, int error)
{
	/* Removed while it was waited for, or before the call: its number means nothing any more. */
	if (error == EIDRM || error == EINVAL)
		return TAKT_ABSENT;
	takt_message(TAKT_ERROR, "%s 0x%08x: cannot %s: %s (%s)", object->noun, (uint32_t)object->key, doing,
		     strerror(error), object->listed_by);
	return takt_port_status(error) == TAKT_DENIED ? TAKT_DENIED : TAKT_SYSTEM;
}
