/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol of systemd's sd_notify(3) and of $JOURNAL_STREAM, systemd.exec(5): stable, and shorter than a library for it. */
#include "platform/linux/port.h"

#include "platform/service.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/message.h"

/* The variable is inherited by programs whose standard error goes elsewhere, so it names the file it means. */
static int errors_are_journal(const char *stream)
{
	struct stat file;
	char *end;

	if (stream == NULL || fstat(STDERR_FILENO, &file) != 0)
		return 0;
	if (strtoull(stream, &end, 10) != file.st_dev || end == stream || *end != ':')
		return 0;
	stream = end + 1;
	return strtoull(stream, &end, 10) == file.st_ino && end != stream;
}

void takt_os_service_init(struct takt_os_service *service)
{
	const char *address = getenv("NOTIFY_SOCKET");

	memset(service, 0, sizeof(*service));
	service->errors_are_journal = errors_are_journal(getenv("JOURNAL_STREAM"));
	if (address == NULL || address[0] == '\0')
		return;
	if ((address[0] == '/' || address[0] == '@') && strlen(address) < sizeof(service->address))
		(void)snprintf(service->address, sizeof(service->address), "%s", address);
	else
		takt_message(TAKT_WARNING,
			     "NOTIFY_SOCKET is '%.40s': expected /PATH or @NAME; the service manager is not told",
			     address);
	(void)unsetenv("NOTIFY_SOCKET");
}

static int send_text(const struct takt_os_service *service, const char *text)
{
	struct sockaddr_un place = {.sun_family = AF_UNIX};
	const size_t length = strlen(service->address);
	int descriptor, error = 0;

	if (length >= sizeof(place.sun_path))
		return ENAMETOOLONG;
	memcpy(place.sun_path, service->address, length);
	/* @NAME lives in no folder: its first byte is zero, and its length tells where it ends. */
	if (place.sun_path[0] == '@')
		place.sun_path[0] = '\0';
	descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor < 0)
		return errno;
	if (sendto(descriptor, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&place,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		error = errno;
	takt_port_close(&descriptor);
	return error;
}

enum takt_status takt_os_service_tell(const struct takt_os_service *service, const char *text)
{
	if (service->address[0] == '\0')
		return TAKT_ABSENT;
	const int error = send_text(service, text);
	if (error == 0)
		return TAKT_OK;
	takt_message(TAKT_WARNING, "the service manager at '%s' cannot be told '%.40s': %s", service->address, text,
		     strerror(error));
	return TAKT_SYSTEM;
}
