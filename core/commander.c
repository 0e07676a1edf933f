/* SPDX-License-Identifier: Apache-2.0 */
#include "core/commander.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/command_line.h"
#include "core/domain.h"
#include "core/line.h"
#include "core/segment.h"
#include "core/type.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/presence.h"
#include "platform/request.h"

struct answer {
	int folder;
	int descriptor; /* of the pipe, or of the socket */
	char name[TAKT_REPLY_NAME_BYTES];
	struct takt_line_buffer buffer;
};

static enum takt_status explain(enum takt_status status, const char *domain, const char *node)
{
	switch (status) {
	case TAKT_ABSENT:
		takt_message(TAKT_ERROR,
			     "node '%.40s' of domain '%s' has no command pipe: it never ran; see: takt node list", node,
			     domain);
		break;
	case TAKT_CLOSED:
		takt_message(TAKT_ERROR,
			     "node '%s' of domain '%s' does not run: nobody hears its commands; see: takt node list",
			     node, domain);
		break;
	case TAKT_FULL:
		takt_message(
			TAKT_ERROR,
			"node '%s' of domain '%s' does not read its commands: there is no room for one more; is it stopped in a "
			"debugger, or flooded?",
			node, domain);
		break;
	case TAKT_TIMEOUT:
		takt_message(TAKT_ERROR, "node '%s' of domain '%s' took the command and has not answered in time", node,
			     domain);
		break;
	default:
		break;
	}
	return status;
}

/* The same where the node has the command. */
static enum takt_status explain_answer(enum takt_status status, const char *domain, const char *node)
{
	if (status == TAKT_CLOSED)
		takt_message(
			TAKT_ERROR,
			"node '%s' of domain '%s' ended, or had no descriptor left, before it answered; see: takt node list",
			node, domain);
	else if (status == TAKT_SYSTEM)
		takt_message(TAKT_ERROR,
			     "node '%s' of domain '%s' took the command, and the system cannot read its answer", node,
			     domain);
	return status == TAKT_TIMEOUT ? explain(status, domain, node) : status;
}

static enum takt_status look_at_folder(const char *folder_name, struct takt_os_entry *entry)
{
	int root = -1;
	enum takt_status status = takt_os_folder_open_root(&root);
	if (status == TAKT_OK)
		status = takt_os_folder_look(root, folder_name, entry);
	takt_os_folder_close(&root);
	return status;
}

/* The node that is to answer may be another user's: one of the folder's group where that may make nodes, else the folder's owner, who
 * differs from this user only where this user is root. */
static struct takt_os_rights reply_rights(const struct takt_os_entry *folder)
{
	struct takt_os_rights rights = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0600};
	if (folder->rights.mode & 0020u) {
		rights.group = folder->rights.group;
		rights.mode = 0620;
	}
	if (takt_os_user_id() == 0)
		rights.owner = folder->rights.owner;
	return rights;
}

static enum takt_status refuse_commander(const char *domain, const struct takt_os_entry *folder)
{
	takt_message(
		TAKT_ERROR,
		"domain '%s': this user (uid %u) may not command its nodes: commanders write in its folder, which is of uid "
		"%u, gid %u, mode 0%03o; run as that user, as a member of that group where the mode lets it write, or as root",
		domain, takt_os_user_id(), folder->rights.owner, folder->rights.group, folder->rights.mode);
	return TAKT_DENIED;
}

/* A pipe of our own, under a name that nobody can guess beforehand. */
static enum takt_status open_answer(struct answer *answer, const struct takt_domain *names)
{
	struct takt_os_entry folder;
	uint64_t number;
	enum takt_status status = look_at_folder(names->folder_name, &folder);
	if (status == TAKT_ABSENT)
		takt_message(TAKT_ERROR, "domain '%s' was removed just now; see: takt node list", names->name);
	if (status == TAKT_OK)
		status = takt_os_random(&number);
	if (status != TAKT_OK)
		return status;
	const struct takt_os_rights rights = reply_rights(&folder);
	(void)snprintf(answer->name, sizeof(answer->name), "reply.%016" PRIx64, number);
	status = takt_os_fifo_create(answer->folder, answer->name, &rights);
	if (status == TAKT_DENIED)
		status = refuse_commander(names->name, &folder);
	const enum takt_status created = status;
	if (status == TAKT_OK)
		status = takt_os_fifo_open_reader(&answer->descriptor, answer->folder, answer->name, &rights);
	if (status == TAKT_ABSENT || status == TAKT_EXISTS) {
		takt_message(
			TAKT_ERROR,
			"named pipe '%s' for the answer: somebody else makes and removes what stands there; send the command again",
			answer->name);
		status = TAKT_SYSTEM;
	}
	/* What stands there is not ours to remove. */
	if (created != TAKT_OK)
		answer->name[0] = '\0';
	return status;
}

static enum takt_status refuse_line(const char *node, const char *text, size_t bytes_max)
{
	takt_message(TAKT_ERROR,
		     "node '%s': a command is one line of at most %zu bytes; this one has %zu, or more than one line",
		     node, bytes_max, strlen(text));
	return TAKT_INVALID;
}

static enum takt_status send_line(const struct answer *answer, const char *node, const char *text, uint64_t deadline_ns)
{
	char line[TAKT_OS_PIPE_ATOMIC_BYTES];
	/* The newline in front ends whatever a sender before us left unfinished. */
	int length = snprintf(line, sizeof(line), "\n@%s %s\n", answer->name, text);
	if (length < 0 || (size_t)length >= sizeof(line) || strchr(text, '\n'))
		return refuse_line(node, text, sizeof(line) - sizeof("\n@ \n") - strlen(answer->name));
	int descriptor;
	struct takt_object_name object = takt_object_name("command", node);
	enum takt_status status = takt_os_fifo_open_writer(&descriptor, answer->folder, object.text);
	if (status != TAKT_OK)
		return status;
	/* Others may flood the node: the operator's line waits for its room among theirs. */
	status = takt_os_pipe_write_until(descriptor, line, (uint32_t)length, deadline_ns);
	takt_os_pipe_close(&descriptor);
	if (status == TAKT_SYSTEM)
		takt_message(TAKT_ERROR, "node '%s': the system cannot write its command pipe; send the command again",
			     node);
	return status;
}

/* By the node's socket: it learns who asks, and the answer needs no name. @retval TAKT_ABSENT it has none; without a message */
static enum takt_status send_request(struct answer *answer, const char *domain, const char *node, const char *text,
				     uint64_t deadline_ns)
{
	const size_t length = strlen(text);
	struct takt_object_name object = takt_object_name(TAKT_COMMAND_SOCKET_PREFIX, node);
	int descriptor;
	enum takt_status status = takt_os_request_open(&descriptor, answer->folder, object.text);
	if (status == TAKT_OK) {
		status = length < TAKT_LINE_BYTES_MAX && strchr(text, '\n') == NULL
				 ? takt_os_request_send(descriptor, node, text, deadline_ns, &answer->descriptor)
				 : TAKT_LIMIT;
		takt_os_request_close(&descriptor);
	}
	if (status == TAKT_LIMIT)
		return refuse_line(node, text, TAKT_LINE_BYTES_MAX - 1);
	return status == TAKT_ABSENT ? status : explain(status, domain, node);
}

/* By its pipe, and a pipe of our own for the answer. */
static enum takt_status send_by_pipe(struct answer *answer, const struct takt_domain *names, const char *node,
				     const char *text, uint64_t deadline_ns)
{
	const enum takt_status status = open_answer(answer, names);
	return status == TAKT_OK ? explain(send_line(answer, node, text, deadline_ns), names->name, node) : status;
}

/* The last line of an answer. */
static int is_end(const char *line, enum takt_status *status)
{
	int is_ok = strncmp(line, "ok", 2) == 0 && (line[2] == '\0' || line[2] == ' ');
	int is_error = strncmp(line, "error:", 6) == 0;
	if (is_ok || is_error)
		*status = is_ok ? TAKT_OK : TAKT_INVALID;
	return is_ok || is_error;
}

static enum takt_status collect(struct answer *answer, uint64_t deadline_ns, takt_reply_line on_line, void *context)
{
	for (;;) {
		char chunk[1024];
		uint32_t count, ready;
		enum takt_status status = takt_os_pipe_wait(&answer->descriptor, 1, deadline_ns, &ready);
		if (status != TAKT_OK)
			return status;
		status = takt_os_pipe_read(answer->descriptor, chunk, sizeof(chunk), &count);
		if (status == TAKT_EMPTY)
			continue;
		if (status != TAKT_OK)
			return status;
		for (uint32_t at = 0, used; at < count; at += used) {
			const char *line;
			if (takt_line_collect(&answer->buffer, chunk + at, count - at, &used, &line) != TAKT_OK)
				continue;
			if (on_line)
				on_line(context, line);
			if (is_end(line, &status))
				return status;
		}
	}
}

enum takt_status takt_command_send(const char *domain, const char *node, const char *text, uint64_t deadline_ns,
				   takt_reply_line on_line, void *context)
{
	struct takt_domain names = {.folder = -1};
	struct answer answer = {.folder = -1, .descriptor = -1};
	if (!takt_name_is_valid(domain) || !takt_name_is_valid(node)) {
		takt_message(TAKT_ERROR, "'%.40s' is no name: 1 to %d of a-z, 0-9 and _, a letter first",
			     takt_name_is_valid(domain) ? node : domain, TAKT_NAME_BYTES - 1);
		return TAKT_INVALID;
	}
	takt_domain_set_names(&names, domain);
	enum takt_status status = takt_os_folder_open(&answer.folder, names.folder_name, NULL);
	if (status == TAKT_ABSENT)
		takt_message(TAKT_ERROR, "there is no domain '%s' on this machine; see: takt node list", domain);
	if (status != TAKT_OK)
		return status;
	status = send_request(&answer, domain, node, text, deadline_ns);
	if (status == TAKT_ABSENT)
		status = send_by_pipe(&answer, &names, node, text, deadline_ns);
	if (status == TAKT_OK)
		status = explain_answer(collect(&answer, deadline_ns, on_line, context), domain, node);
	takt_os_pipe_close(&answer.descriptor);
	if (answer.name[0])
		(void)!takt_os_folder_remove(answer.folder, answer.name);
	takt_os_folder_close(&answer.folder);
	return status;
}
