/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what by the rules of `access`: the socket is everybody's who reaches it, the pipe the node's own user's alone. */
#include "tests/rights/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/rights/actor.h"
#include "tests/rights/world.h"

static const char config_ruled[] = "domain: %D\n"
				   "owner: 0\n"
				   "group: 61100\n"
				   "mode: 0660\n"
				   "topics:\n"
				   "  - {name: imu, type: note, bytes: 64, depth: 8, borrows: 2, owner: 61002}\n"
				   "  - {name: duo, type: note, bytes: 64, depth: 8, publishers: 2, owner: 61002}\n"
				   "nodes:\n"
				   "  - {name: source, program: x, publishes: [imu, duo], restart: never}\n"
				   "access:\n"
				   "  - {users: [61004], nodes: [source], commands: [stop, start]}\n"
				   "  - {groups: [61101], commands: [set], parameters: [kp]}\n";

/* What each may say, and what the node answers. */
static const struct {
	enum actor actor;
	const char *command;
	const char *answer;
	int is_refused;
} asked[] = {
	{ACTOR_READER, "ping", "ok source", 0},
	{ACTOR_READER, "stop", "ok stopping", 0},
	{ACTOR_READER, "start", "ok starting", 0},
	{ACTOR_READER, "quit", "error: user 61004 may not quit here; `access` in the config says who may", 1},
	{ACTOR_READER, "set kp=1", "error: user 61004 may not set here", 1},
	/* It may, and the node has none. */
	{ACTOR_TWIN, "set kp=1", "error: this node has no parameters", 1},
	{ACTOR_TWIN, "set kp=1 ki=2", "error: user 61003 may not set ki here", 1},
	{ACTOR_TWIN, "stop", "error: user 61003 may not stop here", 1},
	{ACTOR_INTRUDER, "status", "ok state=", 0},
	{ACTOR_INTRUDER, "stop", "error: user 61005 may not stop here", 1},
	{ACTOR_INTRUDER, "save", "error: user 61005 may not save here", 1},
	{ACTOR_PUBLISHER, "stop", "ok stopping", 0},
	{ACTOR_ROOT, "start", "ok starting", 0},
};

static void ask_all(void)
{
	unsigned refused_count = 0;
	char words[64];
	struct said said;

	for (unsigned i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		char line[128];

		(void)snprintf(line, sizeof(line), "command --domain %%D source %s", asked[i].command);
		world_takt(&said, asked[i].actor, line);
		expect(said.code == asked[i].is_refused, "the %s says %s: exit %d: %s", actor_name(asked[i].actor),
		       asked[i].command, said.code, said.text);
		expect_said(&said, asked[i].answer, asked[i].command);
		refused_count += (unsigned)asked[i].is_refused;
	}
	(void)snprintf(words, sizeof(words), "refused=%u ", refused_count);
	world_takt(&said, ACTOR_ROOT, "command --domain %D source status");
	expect_said(&said, words, "refused commands are counted");
}

static int open_pipe(void *context)
{
	(void)context;
	return open(world_object("command.source"), O_WRONLY | O_NONBLOCK | O_CLOEXEC) < 0 && errno == EACCES ? 0 : 1;
}

/* The system does not let anybody say that he is root. */
static int say_to_be_root(void *context)
{
	const struct ucred root = {.pid = getpid(), .uid = 0, .gid = 0};
	union {
		struct cmsghdr aligned;
		unsigned char bytes[CMSG_SPACE(sizeof(root))];
	} control = {.bytes = {0}};
	char text[] = "quit";
	struct iovec part = {text, 4};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
	int ends[2];

	(void)context;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_CREDENTIALS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(root));
	memcpy(CMSG_DATA(cmsg), &root, sizeof(root));
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0)
		return 2;
	return sendmsg(ends[0], &header, 0) < 0 && errno == EPERM ? 0 : 1;
}

void case_access(void)
{
	struct companion publisher;
	struct said said;
	struct stat found;

	world_config(config_ruled);
	world_create();
	companion_start(&publisher, ACTOR_PUBLISHER, publisher_live, NULL);
	expect(companion_ask(&publisher, 0) == 'r', "the publisher has not begun");
	expect(stat(world_object("socket.source"), &found) == 0 && (found.st_mode & 07777) == 0666 &&
		       found.st_uid == actor_user(ACTOR_PUBLISHER) && found.st_gid == GROUP_MEMBERS,
	       "the socket is of uid %u, gid %u, mode %o", found.st_uid, found.st_gid, found.st_mode & 07777);
	expect(stat(world_object("command.source"), &found) == 0 && (found.st_mode & 07777) == 0600,
	       "the pipe has mode %o", found.st_mode & 07777);
	ask_all();
	actor_run(&said, ACTOR_READER, 022, open_pipe, NULL);
	expect(said.code == 0, "a member may write the pipe, which does not know him: exit %d", said.code);
	actor_run(&said, ACTOR_INTRUDER, 022, say_to_be_root, NULL);
	expect(said.code == 0, "a member may say that he is root: exit %d", said.code);
	world_takt(&said, ACTOR_STRANGER, "command --domain %D source ping");
	expect(said.code == 1, "a stranger commands: exit %d: %s", said.code, said.text);
	expect(companion_end(&publisher) == 0, "the publisher's end");
}
