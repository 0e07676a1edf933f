/* SPDX-License-Identifier: Apache-2.0 */
/* Who has no right to a domain's folder opens nothing in it, learns nothing of it, makes nothing in it, and is told what is missing. */
#include "tests/rights/cases.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/takt.h"
#include "tests/rights/actor.h"
#include "tests/rights/world.h"

#define OBJECT_COUNT_MAX 32

struct objects {
	char paths[OBJECT_COUNT_MAX][2 * PATH_BYTES];
	struct snapshot before[OBJECT_COUNT_MAX];
	unsigned count;
};

static void remember(void *context, const char *path)
{
	struct objects *objects = context;

	if (objects->count < OBJECT_COUNT_MAX && snapshot_take(&objects->before[objects->count], path))
		(void)snprintf(objects->paths[objects->count++], sizeof(objects->paths[0]), "%s", path);
}

static void expect_refused(int result, const char *what, const char *path)
{
	const int error = errno;

	expect(result < 0, "%s of %s was permitted", what, path);
	expect(result >= 0 || error == EACCES || error == EPERM, "%s of %s ended with '%s'", what, path,
	       strerror(error));
	if (result > STDERR_FILENO)
		(void)close(result);
}

static void try_object(const char *path)
{
	struct stat found;
	char bytes[8];

	expect_refused(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), "reading", path);
	expect_refused(open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC), "writing", path);
	expect_refused(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC), "writing alone", path);
	expect_refused(open(path, O_PATH | O_CLOEXEC), "holding", path);
	expect_refused(lstat(path, &found), "looking at", path);
	expect_refused(access(path, F_OK), "asking", path);
	expect_refused((int)readlink(path, bytes, sizeof(bytes)), "reading the link", path);
	expect_refused(truncate(path, 0), "truncating", path);
	expect_refused(unlink(path), "removing", path);
	expect_refused(chmod(path, 0777), "chmod", path);
	expect_refused(link(path, "/tmp/takt-rights-link"), "linking", path);
}

static void try_folder(const char *folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int watch = inotify_init1(IN_CLOEXEC);
	int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char path[2 * PATH_BYTES];

	expect_refused(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "listing", folder);
	expect_refused(open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), "a nameless file", folder);
	expect_refused(chdir(folder), "entering", folder);
	expect_refused(inotify_add_watch(watch, folder, IN_ALL_EVENTS), "watching", folder);
	expect_refused(chmod(folder, 0777), "chmod", folder);
	expect_refused(rmdir(folder), "removing", folder);
	(void)snprintf(path, sizeof(path), "%s.moved", folder);
	expect_refused(rename(folder, path), "moving", folder);
	(void)snprintf(path, sizeof(path), "%s/topic.other", folder);
	expect_refused(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600), "making a file", path);
	expect_refused(mkfifo(path, 0600), "making a pipe", path);
	expect_refused(mkdir(path, 0700), "making a folder", path);
	expect_refused(symlink("/etc/passwd", path), "making a link", path);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/s", folder);
	expect_refused(bind(door, (const struct sockaddr *)&address, sizeof(address)), "making a socket", folder);
	(void)close(door);
	(void)close(watch);
}

static int try_everything(void *context)
{
	const struct objects *objects = context;

	/* The first is the folder itself: seen, since its parent is everybody's, and nothing else. */
	try_folder(objects->paths[0]);
	for (unsigned i = 1; i < objects->count; i++)
		try_object(objects->paths[i]);
	return 0;
}

static int join(void *context)
{
	static struct takt_node node;

	return takt_node_join(&node, world.config, context) == TAKT_DENIED ? 0 : 1;
}

static void ask_the_tools(void)
{
	static const char *const commands[] = {
		"topic list --domain %D",
		"topic info imu --domain %D",
		"topic echo imu --count 1 --domain %D",
		"node list --domain %D",
		"param list source --domain %D",
		"command --domain %D source quit",
		"clean %D",
		"create %C",
	};
	struct said said;

	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		world_takt(&said, ACTOR_STRANGER, commands[i]);
		expect(said.code == 1, "takt %s: exit %d: %s", commands[i], said.code, said.text);
		expect_said(&said, world.domain, commands[i]);
		expect_said(&said,
			    "cannot open it: it is of uid 0, gid 61100, mode 01770, and this process is uid 61006",
			    commands[i]);
		expect_said(&said, "run as that user or as a member of that group", commands[i]);
		expect(strstr(said.text, "there is no domain") == NULL,
		       "takt %s calls a domain absent that is there: %s", commands[i], said.text);
	}
}

void case_stranger(void)
{
	static struct objects objects;
	struct companion publisher;
	struct said said;

	world_create();
	companion_start(&publisher, ACTOR_PUBLISHER, publisher_live, NULL);
	expect(companion_ask(&publisher, 0) == 'r' && companion_ask(&publisher, 'i') == 'k',
	       "the publisher has not begun");
	objects.count = 0;
	world_walk(world.folder, remember, &objects);
	/* The folder, live, roster, two topics with their presence, a node, its pipe and its socket. */
	expect(objects.count == 10, "the domain has %u objects", objects.count);
	actor_run(&said, ACTOR_STRANGER, 022, try_everything, &objects);
	expect(said.code == 0, "exit %d", said.code);
	ask_the_tools();
	actor_run(&said, ACTOR_STRANGER, 022, join, (void *)(uintptr_t) "sink");
	expect(said.code == 0, "joining: exit %d: %s", said.code, said.text);
	expect_said(&said, "run as that user or as a member of that group", "joining");
	expect(strstr(said.text, "is not there") == NULL, "what may not be opened is called absent: %s", said.text);
	for (unsigned i = 0; i < objects.count; i++) {
		struct snapshot after;

		expect(snapshot_take(&after, objects.paths[i]) && snapshot_equal(&after, &objects.before[i]),
		       "%s is not as it was", objects.paths[i]);
	}
	expect(companion_end(&publisher) == 0, "the publisher's end");
}
