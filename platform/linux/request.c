/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/message.h"

#define NOUN	      "command socket"
#define FULL_PAUSE_NS (TAKT_NS_PER_MS / 2)

/* Not in every C library's headers. Source: Linux, include/uapi/asm-generic/socket.h. */
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

/* Room for what takt sends: who it is, and one descriptor. By its padding a second one may fit, and is found. */
union control {
	struct cmsghdr aligned;
	unsigned char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
};

/* In some C libraries (musl) the macro converts signs in passing. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
static struct cmsghdr *next_part(struct msghdr *header, struct cmsghdr *part)
{
	return CMSG_NXTHDR(header, part);
}
#pragma GCC diagnostic pop

/* -------------------------------------------------------------------------------------------------------- names */

/* By way of the folder's descriptor, so that no path is walked that somebody may change. */
static struct sockaddr_un address_of(const struct takt_port_object *object)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", object->folder, object->name);
	return address;
}

/* The same with the folder's path where it is short enough: people see it in `ss -x` and `takt ipc list`. What was bound is looked at
 * behind the folder's descriptor. */
static struct sockaddr_un seen_address_of(const struct takt_port_object *object)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char folder[TAKT_OS_PATH_MAX];

	takt_port_path(object->folder, folder, sizeof(folder));
	const int length = snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", folder, object->name);
	return folder[0] == '/' && length > 0 && (size_t)length < sizeof(address.sun_path) ? address
											   : address_of(object);
}

static enum takt_status make_room(const struct takt_port_object *object)
{
	const struct takt_os_rights own = {.owner = takt_os_user_id(), .group = TAKT_OS_ID_ANY, .mode = 0};
	struct stat found;
	const enum takt_status status = takt_port_object_look(object, S_IFSOCK, &own, &found);

	if (status != TAKT_OK)
		return status == TAKT_ABSENT ? TAKT_OK : status;
	if (unlinkat(object->folder, object->name, 0) != 0 && errno != ENOENT)
		return takt_port_refused(object, "remove the last one", errno, NULL);
	return TAKT_OK;
}

/* To what was looked at, and not to what bears the name by now. */
static enum takt_status give_group(const struct takt_port_object *object, const struct stat *found, uint32_t group)
{
	enum takt_status status = TAKT_OK;
	int pin;

	do
		pin = openat(object->folder, object->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	while (pin < 0 && errno == EINTR);
	if (pin < 0)
		return errno == ENOENT ? TAKT_EXISTS : takt_port_refused(object, "look at it", errno, NULL);
	if (!takt_port_is_same(pin, found))
		status = TAKT_EXISTS;
	else if (fchownat(pin, "", (uid_t)TAKT_OS_ID_ANY, (gid_t)group, AT_EMPTY_PATH) != 0)
		status = takt_port_refused(object, "give it the group of the config", errno,
					   "run the node as a member of that group");
	takt_port_close(&pin);
	return status;
}

static enum takt_status apply_rights(const struct takt_port_object *object, const struct takt_os_rights *rights)
{
	struct stat found;
	/* Born with no bit too many, so only those are missing that the umask took. */
	const enum takt_status status =
		takt_port_unfinished_look(object, object->name, S_IFSOCK, (mode_t)rights->mode, rights, &found);

	if (status == TAKT_BUSY)
		return TAKT_EXISTS;
	if (status != TAKT_OK || rights->group == TAKT_OS_ID_ANY || rights->group == found.st_gid)
		return status;
	return give_group(object, &found, rights->group);
}

static enum takt_status bind_opened(const struct takt_port_object *object, int opened,
				    const struct takt_os_rights *rights)
{
	const struct sockaddr_un address = seen_address_of(object);
	const int on = 1;

	/* The mode of the socket itself is what the name is born with, less the umask's bits. */
	if (setsockopt(opened, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) != 0 ||
	    fchmod(opened, (mode_t)rights->mode) != 0)
		return takt_port_refused(object, "make it", errno, NULL);
	if (bind(opened, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return apply_rights(object, rights);
	if (errno == EADDRINUSE)
		return TAKT_EXISTS;
	return takt_port_refused(object, "make it", errno, NULL);
}

static int open_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

enum takt_status takt_os_request_bind(int *descriptor, int folder, const char *name,
				      const struct takt_os_rights *rights)
{
	const struct takt_port_object object = {NOUN, folder, name};
	enum takt_status status = make_room(&object);

	if (status != TAKT_OK)
		return status;
	int opened = open_socket();
	if (opened < 0)
		return takt_port_refused(&object, "make it", errno, NULL);
	status = bind_opened(&object, opened, rights);
	if (status == TAKT_OK)
		*descriptor = opened;
	else
		takt_port_close(&opened);
	return status;
}

enum takt_status takt_os_request_open(int *descriptor, int folder, const char *name)
{
	const struct takt_port_object object = {NOUN, folder, name};
	struct stat found;
	const enum takt_status status = takt_port_object_look(&object, S_IFSOCK, NULL, &found);

	if (status != TAKT_OK)
		return status;
	int opened = open_socket();
	if (opened < 0)
		return takt_port_refused(&object, "open it", errno, NULL);
	const struct sockaddr_un address = address_of(&object);
	if (connect(opened, (const struct sockaddr *)&address, sizeof(address)) == 0) {
		*descriptor = opened;
		return TAKT_OK;
	}
	const int error = errno;
	takt_port_close(&opened);
	if (error == ENOENT)
		return TAKT_ABSENT;
	if (error == ECONNREFUSED)
		return TAKT_CLOSED;
	if (error == EPROTOTYPE) {
		takt_message(TAKT_ERROR,
			     NOUN " '%s': it is no socket for datagrams; something else was put there: remove it",
			     name);
		return TAKT_MISMATCH;
	}
	char doing[128];
	(void)snprintf(doing, sizeof(doing),
		       "send to it (it is of uid %u, gid %u, mode 0%03o; this process is uid %u, gid %u)", found.st_uid,
		       found.st_gid, (unsigned)found.st_mode & 07777u, takt_os_user_id(), takt_os_group_id());
	return takt_port_refused(&object, doing, error,
				 error == EACCES ? "run as that user or as a member of that group" : NULL);
}

/* --------------------------------------------------------------------------------------------------------- send */

/* The rights that this process acts with, and the far end for the answer. */
static void fill_control(struct msghdr *header, union control *control, int far_end)
{
	const struct ucred self = {.pid = getpid(), .uid = takt_os_user_id(), .gid = takt_os_group_id()};

	memset(control, 0, sizeof(*control));
	header->msg_control = control->bytes;
	header->msg_controllen = sizeof(control->bytes);
	struct cmsghdr *part = CMSG_FIRSTHDR(header);
	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_CREDENTIALS;
	part->cmsg_len = CMSG_LEN(sizeof(self));
	memcpy(CMSG_DATA(part), &self, sizeof(self));
	part = next_part(header, part);
	TAKT_ASSERT(part != NULL);
	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(far_end));
	memcpy(CMSG_DATA(part), &far_end, sizeof(far_end));
}

static enum takt_status send_now(int descriptor, const char *receiver, const struct msghdr *header)
{
	ssize_t put;

	do
		put = sendmsg(descriptor, header, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put >= 0)
		return TAKT_OK;
	switch (errno) {
	case EAGAIN:
	case ENOBUFS:
	case ETOOMANYREFS: /* descriptors under way of this user's, which others read in time */
		return TAKT_FULL;
	case ECONNREFUSED:
	case ECONNRESET:
	case ENOTCONN:
	case EPIPE:
		return TAKT_CLOSED;
	case EMSGSIZE:
		return TAKT_LIMIT;
	default:
		takt_message(TAKT_ERROR, NOUN " of '%s': cannot send: %s; send it again", receiver, strerror(errno));
		return TAKT_SYSTEM;
	}
}

static enum takt_status send_until(int descriptor, const char *receiver, const struct msghdr *header,
				   uint64_t deadline_ns)
{
	for (;;) {
		const enum takt_status status = send_now(descriptor, receiver, header);
		const uint64_t now_ns = takt_os_clock_now_ns();

		if (status != TAKT_FULL || now_ns >= deadline_ns)
			return status;
		const uint64_t pause_end_ns = now_ns + FULL_PAUSE_NS;
		const enum takt_status slept =
			takt_os_clock_sleep_until(pause_end_ns < deadline_ns ? pause_end_ns : deadline_ns);
		if (slept != TAKT_OK)
			return slept;
	}
}

enum takt_status takt_os_request_send(int descriptor, const char *receiver, const char *text, uint64_t deadline_ns,
				      int *answer)
{
	struct iovec part = {(void *)(uintptr_t)text, strlen(text)};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	union control control;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
		takt_message(TAKT_ERROR,
			     NOUN " of '%s': cannot make a way back for the answer: %s; the limit of open files is set "
				  "with ulimit -n",
			     receiver, strerror(errno));
		return TAKT_NO_SPACE;
	}
	fill_control(&header, &control, ends[1]);
	const enum takt_status status = send_until(descriptor, receiver, &header, deadline_ns);
	takt_port_close(&ends[1]);
	if (status == TAKT_OK)
		*answer = ends[0];
	else
		takt_port_close(&ends[0]);
	return status;
}

/* ------------------------------------------------------------------------------------------------------ receive */

/* What came beside the bytes. */
struct brought {
	int has_sender;
	uint32_t descriptor_count;
	int descriptor; /* if it is one */
};

static void take_descriptors(const struct cmsghdr *part, struct brought *brought)
{
	const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < count; i++) {
		int descriptor;

		memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(descriptor), sizeof(descriptor));
		if (brought->descriptor_count++ == 0)
			brought->descriptor = descriptor;
		else
			takt_port_close(&descriptor);
	}
}

static void take_control(struct msghdr *header, struct takt_os_sender *sender, struct brought *brought)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = next_part(header, part)) {
		struct ucred said;

		if (part->cmsg_level != SOL_SOCKET)
			continue;
		if (part->cmsg_type == SCM_RIGHTS)
			take_descriptors(part, brought);
		if (part->cmsg_type != SCM_CREDENTIALS || part->cmsg_len != CMSG_LEN(sizeof(said)))
			continue;
		memcpy(&said, CMSG_DATA(part), sizeof(said));
		sender->user = said.uid;
		sender->group = said.gid;
		brought->has_sender = 1;
	}
}

static int has_option(int descriptor, int option, int wanted)
{
	int found;
	socklen_t bytes = sizeof(found);

	return getsockopt(descriptor, SOL_SOCKET, option, &found, &bytes) == 0 && found == wanted;
}

/* A socket that its sender made: an answer into another's would come there in this process's name. */
static int is_of_sender(int descriptor, const struct takt_os_sender *sender)
{
	struct ucred maker;
	socklen_t bytes = sizeof(maker);

	return has_option(descriptor, SO_DOMAIN, AF_UNIX) && has_option(descriptor, SO_TYPE, SOCK_STREAM) &&
	       getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &maker, &bytes) == 0 && bytes == sizeof(maker) &&
	       maker.uid == sender->user && maker.gid == sender->group;
}

/* Those that the maker of the answer's socket had, who is the sender. */
static void take_groups(int answer, struct takt_os_sender *sender)
{
	socklen_t bytes = sizeof(sender->further_groups);

	if (getsockopt(answer, SOL_SOCKET, SO_PEERGROUPS, sender->further_groups, &bytes) == 0)
		sender->further_count = (uint32_t)(bytes / sizeof(sender->further_groups[0]));
}

enum takt_status takt_os_request_receive(int descriptor, void *bytes, uint32_t room, struct takt_os_request *request)
{
	union control control;
	struct iovec part = {bytes, room};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control.bytes)};
	struct brought brought = {.descriptor = -1};
	ssize_t got;

	do
		got = recvmsg(descriptor, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? TAKT_EMPTY : TAKT_SYSTEM;
	*request = (struct takt_os_request){.bytes = (uint32_t)got, .answer = -1};
	take_control(&header, &request->sender, &brought);
	const int is_answerable = brought.descriptor_count == 1 && is_of_sender(brought.descriptor, &request->sender);
	if (!brought.has_sender || (header.msg_flags & MSG_CTRUNC) || (brought.descriptor_count && !is_answerable)) {
		takt_port_close(&brought.descriptor);
		return TAKT_INVALID;
	}
	request->answer = brought.descriptor;
	if (is_answerable)
		take_groups(request->answer, &request->sender);
	return header.msg_flags & MSG_TRUNC ? TAKT_LIMIT : TAKT_OK;
}

enum takt_status takt_os_request_answer(int answer, const void *bytes, uint32_t count)
{
	ssize_t put;

	/* Without waiting, whatever flags its other holders have set. */
	do
		put = send(answer, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put >= 0)
		return put == (ssize_t)count ? TAKT_OK : TAKT_SYSTEM;
	if (errno == EAGAIN)
		return TAKT_FULL;
	return errno == EPIPE || errno == ECONNRESET ? TAKT_CLOSED : TAKT_SYSTEM;
}

void takt_os_request_close(int *descriptor)
{
	takt_port_close(descriptor);
}
