/* SPDX-License-Identifier: Apache-2.0 */
/* Who commands, where answers go, and where they never go. */
#include "tests/rights/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/rights/actor.h"
#include "tests/rights/world.h"

/* By the node's pipe or by its socket, `way`. */
static void command_by(const char *way, mode_t kind, const char *refusal)
{
	static const enum actor permitted[] = {ACTOR_ROOT, ACTOR_PUBLISHER, ACTOR_TWIN, ACTOR_READER, ACTOR_INTRUDER};
	struct said said;
	struct stat found;

	expect(stat(world_object(way), &found) == 0 && (found.st_mode & S_IFMT) == kind, "there is no %s", way);
	expect((found.st_mode & 07777) == 0660 && found.st_gid == GROUP_MEMBERS &&
		       found.st_uid == actor_user(ACTOR_PUBLISHER),
	       "%s is of uid %u, gid %u, mode %o", way, found.st_uid, found.st_gid, found.st_mode & 07777);
	for (unsigned i = 0; i < sizeof(permitted) / sizeof(permitted[0]); i++) {
		world_takt(&said, permitted[i], "command --domain %D source ping");
		expect(said.code == 0, "the %s commands: exit %d: %s", actor_name(permitted[i]), said.code, said.text);
		expect_said(&said, "ok source", actor_name(permitted[i]));
	}
	world_takt(&said, ACTOR_STRANGER, "command --domain %D source ping");
	expect(said.code == 1, "a stranger commands: exit %d: %s", said.code, said.text);
	expect_said(&said, "this process is uid 61006", "a stranger commands");
	/* A mode under which the members look and do not command. */
	expect(chmod(world_object(way), 0600) == 0, "chmod");
	world_takt(&said, ACTOR_READER, "command --domain %D source ping");
	expect(said.code == 1, "a member whom the mode of %s does not let in commands: exit %d: %s", way, said.code,
	       said.text);
	expect_said(&said, way, "a member without the mode");
	expect_said(&said, refusal, "a member without the mode");
}

void case_commander(void)
{
	struct companion publisher;

	world_create();
	companion_start(&publisher, ACTOR_PUBLISHER, publisher_live, NULL);
	expect(companion_ask(&publisher, 0) == 'r', "the publisher has not begun");
	command_by("socket.source", S_IFSOCK, "send to it (it is of uid 61002, gid 61100, mode 0600");
	expect(unlink(world_object("socket.source")) == 0, "unlink");
	command_by("command.source", S_IFIFO, "open it for writing (it is of uid 61002, gid 61100, mode 0600");
	expect(companion_end(&publisher) == 0, "the publisher's end");
}

/* --------------------------------------------------------------------------------------------------- replies */

/* What the intruder has prepared for answers, and where each leads. Everybody may write there: only takt's own care protects it. */
static const char *const traps[] = {"reply.file",   "reply.link",   "reply.hard", "reply.pipe",
				    "reply.folder", "reply.socket", "reply.none"};

struct trap {
	char file[PATH_BYTES]; /* the victim's, outside of the domain's folder */
	char pipe[PATH_BYTES];
};

static int make_file(const char *path)
{
	int file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);

	return file >= 0 && fchmod(file, 0666) == 0 && close(file) == 0;
}

static int make_traps(void *context)
{
	const struct trap *trap = context;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.107s", world_object("reply.socket"));
	if (!make_file(world_object("reply.file")) || symlink(trap->file, world_object("reply.link")) != 0 ||
	    symlink(trap->pipe, world_object("reply.pipe")) != 0 || mkdir(world_object("reply.folder"), 0777) != 0 ||
	    bind(door, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    mkfifo(world_object("reply.good"), 0666) != 0 || chmod(world_object("reply.good"), 0666) != 0)
		return 1;
	(void)close(door);
	return 0;
}

static void send_line(const char *reply)
{
	char line[128];
	const int length = snprintf(line, sizeof(line), "\n@%s ping\n", reply);
	int pipe = open(world_object("command.source"), O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	expect(pipe >= 0 && write(pipe, line, (size_t)length) == length, "no line to the node: %s", strerror(errno));
	(void)close(pipe);
}

/* Behind all lines so far: the node obeys one after the other. */
static void fence(void)
{
	struct said said;

	world_takt(&said, ACTOR_ROOT, "command --domain %D source ping");
	expect(said.code == 0, "the node does not answer any more: exit %d: %s", said.code, said.text);
}

static void expect_empty(const char *path)
{
	struct stat found = {0};
	const int is_there = stat(path, &found) == 0;

	expect(is_there && found.st_size == 0, "the node has written %ld bytes to %s", (long)found.st_size, path);
}

static void spring_traps(const struct trap *trap, struct companion *publisher)
{
	struct said said;
	char bytes[256] = "";
	int outside = open(trap->pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int good = open(world_object("reply.good"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t got;

	for (unsigned i = 0; i < sizeof(traps) / sizeof(traps[0]); i++)
		send_line(traps[i]);
	/* No place for answers at all: refused as it is read. */
	send_line("command.source");
	send_line("../../victim.file");
	send_line("reply.good");
	fence();
	expect_empty(world_object("reply.file"));
	expect_empty(world_object("reply.hard"));
	expect_empty(trap->file);
	got = read(outside, bytes, sizeof(bytes) - 1);
	expect(got <= 0, "the node has written into a pipe outside of its domain: %s", bytes);
	/* The same way is open where it may be: the traps were not avoided by answering nobody. */
	got = read(good, bytes, sizeof(bytes) - 1);
	bytes[got > 0 ? got : 0] = '\0';
	expect(strcmp(bytes, "ok source\n") == 0, "a right pipe got '%s'", bytes);
	companion_said(publisher, &said);
	for (unsigned i = 0; i + 1 < sizeof(traps) / sizeof(traps[0]); i++)
		expect_said(&said, traps[i], "answers led astray");
	expect_said(&said, "it is a symbolic link, expected a named pipe", "answers led astray");
	expect_said(&said, "it is a file, expected a named pipe", "answers led astray");
	expect_said(&said, "it is a socket, expected a named pipe", "answers led astray");
	(void)close(outside);
	(void)close(good);
}

void case_replies_taken(void)
{
	struct trap trap;
	struct companion publisher;
	struct said said;

	(void)snprintf(trap.file, sizeof(trap.file), "%s/victim.file", world.root);
	(void)snprintf(trap.pipe, sizeof(trap.pipe), "%s/victim.pipe", world.root);
	expect(make_file(trap.file) && mkfifo(trap.pipe, 0666) == 0 && chmod(trap.pipe, 0666) == 0, "no victims");
	expect(chown(trap.file, actor_user(ACTOR_VICTIM), 0) == 0 && chown(trap.pipe, actor_user(ACTOR_VICTIM), 0) == 0,
	       "no victims");
	world_create();
	companion_start(&publisher, ACTOR_PUBLISHER, publisher_live, NULL);
	expect(companion_ask(&publisher, 0) == 'r', "the publisher has not begun");
	/* By the pipe, whose lines are obeyed one after the other. */
	expect(unlink(world_object("socket.source")) == 0, "there is no socket");
	actor_run(&said, ACTOR_INTRUDER, 0, make_traps, &trap);
	expect(said.code == 0, "no traps: %s", said.text);
	expect(link(trap.file, world_object("reply.hard")) == 0, "no hard link: %s", strerror(errno));
	spring_traps(&trap, &publisher);
	expect(companion_ask(&publisher, 'i') == 'k', "the publisher cannot publish any more");
	expect(companion_end(&publisher) == 0, "the publisher's end");
	(void)unlink(trap.file);
	(void)unlink(trap.pipe);
}
