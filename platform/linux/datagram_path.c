/* SPDX-License-Identifier: Apache-2.0 */
/* UNIX sockets by path. */
#include "platform/linux/port.h"

#include "platform/linux/datagram.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/message.h"

_Static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) == TAKT_OS_DATAGRAM_PATH_BYTES,
	       "a path is as long as sun_path");

static enum takt_status make_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (path[0] != '\0' && strlen(path) < sizeof(address->sun_path)) {
		(void)snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
		return TAKT_OK;
	}
	takt_message(TAKT_ERROR, "UNIX socket '%.160s': a path has 1 to %zu bytes, this has %zu; use a shorter one",
		     path, sizeof(address->sun_path) - 1, strlen(path));
	return TAKT_LIMIT;
}

/* Is there anybody? @retval 0, or the errno of a connection */
static int try_to_connect(const struct sockaddr_un *address)
{
	int opened = takt_port_datagram_socket(AF_UNIX);
	int error = opened < 0 ? errno : 0;

	if (error == 0 && connect(opened, (const struct sockaddr *)address, sizeof(*address)) != 0)
		error = errno;
	takt_port_close(&opened);
	return error;
}

enum takt_status takt_os_datagram_open_path(struct takt_os_datagram *datagram, const char *path)
{
	struct sockaddr_un address;
	struct stat found;
	enum takt_status status = make_address(&address, path);

	if (status != TAKT_OK)
		return status;
	if (stat(path, &found) != 0 && errno == ENOENT) {
		takt_message(TAKT_ERROR, "there is no UNIX socket %s; start the program that receives there first",
			     path);
		return TAKT_ABSENT;
	}
	const int error = try_to_connect(&address);
	if (error == EPROTOTYPE || !S_ISSOCK(found.st_mode)) {
		takt_message(TAKT_ERROR, "%s is no UNIX socket for datagrams (SOCK_DGRAM); name one that is", path);
		return TAKT_MISMATCH;
	}
	/* Refused: its process has died or not come yet; what is sent meanwhile is lost and counted. */
	if (error != 0 && error != ECONNREFUSED && error != EAGAIN)
		return takt_port_datagram_refused(path, "send there", error);
	const int opened = takt_port_datagram_socket(AF_UNIX);
	if (opened < 0)
		return takt_port_datagram_refused(path, "make it", errno);
	*datagram = (struct takt_os_datagram){.is_open = 1, .descriptor = opened};
	(void)snprintf(datagram->path, sizeof(datagram->path), "%s", path);
	return TAKT_OK;
}

/* Removes what a dead process of this user left at the path. @retval TAKT_OK the name is free */
static enum takt_status make_room(const struct sockaddr_un *address)
{
	const char *path = address->sun_path;
	struct stat found;

	if (lstat(path, &found) != 0)
		return TAKT_OK;
	if (!S_ISSOCK(found.st_mode) || found.st_uid != geteuid()) {
		takt_message(TAKT_ERROR, "UNIX socket %s: %s of uid %u stands there; remove it, or use another path",
			     path, S_ISSOCK(found.st_mode) ? "a socket" : "no socket but a file", found.st_uid);
		return TAKT_EXISTS;
	}
	if (try_to_connect(address) != ECONNREFUSED) {
		takt_message(TAKT_ERROR, "UNIX socket %s: another program receives there; stop it, or use another path",
			     path);
		return TAKT_BUSY;
	}
	(void)unlink(path);
	return TAKT_OK;
}

enum takt_status takt_os_datagram_bind_path(struct takt_os_datagram *datagram, const char *path)
{
	struct takt_os_datagram bound = {.is_open = 1};
	struct sockaddr_un address;
	struct stat found = {0};
	enum takt_status status = make_address(&address, path);

	if (status == TAKT_OK)
		status = make_room(&address);
	if (status != TAKT_OK)
		return status;
	bound.descriptor = takt_port_datagram_socket(AF_UNIX);
	if (bound.descriptor < 0)
		return takt_port_datagram_refused(path, "make it", errno);
	/* Born with its mode: what the umask leaves. Start-up only, while no other thread makes files. */
	const mode_t before = umask(0177);
	const int result = bind(bound.descriptor, (const struct sockaddr *)&address, sizeof(address));
	const int error = errno;
	(void)umask(before);
	if (result != 0) {
		takt_port_close(&bound.descriptor);
		status = takt_port_datagram_refused(path, "receive there", error);
		return error == EADDRINUSE ? TAKT_BUSY : status;
	}
	(void)snprintf(bound.path, sizeof(bound.path), "%s", path);
	if (lstat(path, &found) == 0) {
		bound.device = found.st_dev;
		bound.inode = found.st_ino;
	}
	*datagram = bound;
	return TAKT_OK;
}

void takt_os_datagram_close(struct takt_os_datagram *datagram)
{
	struct stat found;

	/* Only its own name: another may have taken the place meanwhile. */
	if (datagram->is_open && datagram->inode != 0 && lstat(datagram->path, &found) == 0 &&
	    found.st_dev == datagram->device && found.st_ino == datagram->inode)
		(void)unlink(datagram->path);
	if (datagram->is_open)
		takt_port_close(&datagram->descriptor);
	*datagram = (struct takt_os_datagram){0};
}
