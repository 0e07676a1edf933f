/* SPDX-License-Identifier: Apache-2.0 */
/* Names that somebody else has taken: refused by name, not followed, not opened for writing, not removed. */
#include "tests/rights/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/linux/port.h"
#include "tests/rights/actor.h"
#include "tests/rights/world.h"

enum kind {
	KIND_FILE,
	KIND_FOLDER,
	KIND_LINK,
	KIND_FOLDER_LINK,
	KIND_PIPE,
	KIND_SOCKET,
	KIND_DEVICE,
	KIND_HARD_LINK,
	KIND_COUNT
};

static const char *const kind_names[KIND_COUNT] = {"a file", "a folder", "a link to a file", "a link to a folder",
						   "a pipe", "a socket", "a device",	     "a hard link"};

/* What the message must say of each, where kinds are compared before anything else. */
static const char *const kind_words[KIND_COUNT] = {NULL, "a folder", "a symbolic link", "a symbolic link",
						   NULL, "a socket", "a device",	NULL};

/* Somebody puts something under a name. */
struct squat {
	enum kind kind;
	enum actor actor;
	char path[2 * PATH_BYTES];
	char victim[PATH_BYTES];	/* a file of the victim's */
	char victim_folder[PATH_BYTES]; /* and a folder */
};

static int bind_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.107s", path);
	result = bind(door, (const struct sockaddr *)&address, sizeof(address));
	(void)close(door);
	return result;
}

/* As the actor: with the very group and mode that the real one would have, as far as he can. */
static int put(void *context)
{
	const struct squat *squat = context;
	int result = -1;

	switch (squat->kind) {
	case KIND_FILE: {
		int file = open(squat->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0660);

		result = file >= 0 && write(file, "mine", 4) == 4 ? close(file) : -1;
		break;
	}
	case KIND_FOLDER:
		result = mkdir(squat->path, 0770);
		break;
	case KIND_LINK:
		return symlink(squat->victim, squat->path) == 0 ? 0 : 1;
	case KIND_FOLDER_LINK:
		return symlink(squat->victim_folder, squat->path) == 0 ? 0 : 1;
	case KIND_PIPE:
		result = mkfifo(squat->path, 0660);
		break;
	case KIND_SOCKET:
		result = bind_socket(squat->path);
		break;
	default:
		return 2;
	}
	/* A stranger cannot give the group. */
	(void)!chown(squat->path, (uid_t)-1, GROUP_MEMBERS);
	return result == 0 && chmod(squat->path, 0660) == 0 ? 0 : 1;
}

/* 0: this machine does not let even root put such a thing there. */
static int squat_put(struct squat *squat)
{
	struct said said;

	if (squat->kind == KIND_DEVICE)
		return mknod(squat->path, S_IFCHR | 0660, makedev(1, 3)) == 0 &&
		       chown(squat->path, actor_user(squat->actor), GROUP_MEMBERS) == 0;
	if (squat->kind == KIND_HARD_LINK)
		return link(squat->victim, squat->path) == 0;
	actor_run(&said, squat->actor, 0, put, squat);
	expect(said.code == 0, "%s cannot be put at %s: %s", kind_names[squat->kind], squat->path, said.text);
	return said.code == 0;
}

static void make_victims(struct squat *squat)
{
	int file;

	(void)snprintf(squat->victim, sizeof(squat->victim), "%s/victim", world.root);
	(void)snprintf(squat->victim_folder, sizeof(squat->victim_folder), "%s/victims", world.root);
	file = open(squat->victim, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0666);
	/* So that only takt's own care protects it. */
	if (file < 0 || write(file, "precious", 8) != 8 || fchmod(file, 0666) != 0 ||
	    fchown(file, actor_user(ACTOR_VICTIM), actor_group(ACTOR_VICTIM)) != 0 || close(file) != 0 ||
	    (mkdir(squat->victim_folder, 0777) != 0 && errno != EEXIST) || chmod(squat->victim_folder, 0777) != 0)
		abort();
}

/* Everything that happens to the victim between the two. */
static int watch_begin(const struct squat *squat)
{
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (inotify_add_watch(watch, squat->victim, IN_OPEN | IN_ACCESS | IN_MODIFY | IN_ATTRIB) < 0 ||
	    inotify_add_watch(watch, squat->victim_folder, IN_OPEN | IN_CREATE | IN_ATTRIB | IN_MODIFY) < 0)
		abort();
	return watch;
}

static void watch_end(int watch, const char *what)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} seen;
	const ssize_t got = read(watch, &seen, sizeof(seen));

	expect(got<0, "%s: what it leads to was touched: event %#x", what, got> 0 ? seen.event.mask : 0);
	(void)close(watch);
}

static int live_shortly(void *context)
{
	int orders = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int answers = open("/dev/null", O_WRONLY | O_CLOEXEC);

	return publisher_live(orders, answers, context);
}

/* What root tries, besides the publisher. It could remove and open anything: only takt's own care holds it back. */
enum attempt { ATTEMPT_NONE, ATTEMPT_CREATE, ATTEMPT_JOIN };

static void attempt(struct said *said, enum attempt by_root)
{
	struct stat left;

	/* What the publisher has just left is another question. */
	for (unsigned i = 0; i < 2 && by_root == ATTEMPT_JOIN; i++) {
		const char *object = world_object(i ? "socket.source" : "node.source");

		if (lstat(object, &left) == 0 && left.st_uid == actor_user(ACTOR_PUBLISHER))
			(void)unlink(object);
	}
	if (by_root == ATTEMPT_CREATE)
		world_takt(said, ACTOR_ROOT, "create %C");
	else
		actor_run(said, by_root == ATTEMPT_JOIN ? ACTOR_ROOT : ACTOR_PUBLISHER, 022, live_shortly, NULL);
}

/* Whoever comes must fail, say what is in the way and what to do, and leave everything as it is. */
static void expect_refusal(const struct squat *squat, const char *name, enum attempt by_root)
{
	struct snapshot before;
	struct snapshot after;
	struct said said;
	char what[256];
	int watch;

	(void)snprintf(what, sizeof(what), "'%s' is %s of the %s", name, kind_names[squat->kind],
		       actor_name(squat->actor));
	expect(snapshot_take(&before, squat->path), "%s: it is not there", what);
	watch = watch_begin(squat);
	for (int round = 0; round < (by_root ? 2 : 1); round++) {
		attempt(&said, round ? by_root : ATTEMPT_NONE);
		expect(said.code == 1, "%s: %s: exit %d: %s", what, round ? "root" : "publisher", said.code, said.text);
		expect_said(&said, name, what);
		expect(strstr(said.text, "remove it") || strstr(said.text, "its owner or root can") ||
			       strstr(said.text, "run as that user"),
		       "%s: nobody says what to do: %s", what, said.text);
		if (kind_words[squat->kind] && strstr(said.text, "remove it"))
			expect(strstr(said.text, kind_words[squat->kind]) || strstr(said.text, "it is no f") ||
				       strstr(said.text, "is in the way") ||
				       strstr(said.text, "another user put it there"),
			       "%s: nobody says what is there: %s", what, said.text);
	}
	watch_end(watch, what);
	expect(snapshot_take(&after, squat->path) && snapshot_equal(&before, &after), "%s: it is not as it was", what);
}

/* ----------------------------------------------------------------------------------------------------- folder */

static const char config_of_stranger[] = "domain: %D\n"
					 "topics:\n"
					 "  - {name: imu, type: note, bytes: 64, depth: 8}\n"
					 "nodes:\n"
					 "  - {name: source, program: x, publishes: [imu], restart: never}\n";

/* A whole domain of the stranger's: right in all but its owner. */
static void take_with_a_domain(void)
{
	struct said said;

	world_config(config_of_stranger);
	world_takt(&said, ACTOR_STRANGER, "create %C");
	expect(said.code == 0, "a stranger's own domain: exit %d: %s", said.code, said.text);
	/* Without any owner in the config. */
	actor_run(&said, ACTOR_PUBLISHER, 022, live_shortly, NULL);
	expect(said.code == 1, "a stranger's domain: exit %d", said.code);
	expect_said(&said, "cannot open it: it is of uid 61006", "a stranger's domain");
	world_takt(&said, ACTOR_ROOT, "create %C");
	expect(said.code == 1, "a stranger's domain: exit %d", said.code);
	expect_said(&said, "owner is uid 61006, another user's, and this process is uid 0", "a stranger's domain");
	world_config(config_shared);
	world_takt(&said, ACTOR_ROOT, "create %C");
	expect(said.code == 1, "a stranger's domain: exit %d", said.code);
	expect_said(&said, "owner is uid 61006, expected uid 0; another user put it there", "a stranger's domain");
	world_remove_tree(world.folder);
}

void case_folder_taken(void)
{
	struct squat squat = {.actor = ACTOR_STRANGER};
	char name[TAKT_OS_NAME_MAX];

	if (world.kind == ROOT_CLOSED) {
		note("only root makes names there");
		return;
	}
	make_victims(&squat);
	(void)snprintf(name, sizeof(name), "takt.%s", world.domain);
	(void)snprintf(squat.path, sizeof(squat.path), "%s", world.folder);
	for (squat.kind = 0; squat.kind < KIND_COUNT; squat.kind++) {
		if (!squat_put(&squat)) {
			note("%s: skipped, even root cannot put it there", kind_names[squat.kind]);
			continue;
		}
		expect_refusal(&squat, name, ATTEMPT_CREATE);
		(void)remove(squat.path);
	}
	take_with_a_domain();
	(void)unlink(squat.victim);
	(void)rmdir(squat.victim_folder);
}

/* ---------------------------------------------------------------------------------------------------- objects */

static void temporary_name(char text[TAKT_PORT_TEMPORARY_BYTES])
{
	/* The publisher's for its command pipe: the name depends on who makes it. */
	const struct takt_os_rights rights = {TAKT_OS_ID_ANY, GROUP_MEMBERS, 0660};

	if (seteuid(actor_user(ACTOR_PUBLISHER)) != 0)
		abort();
	takt_port_temporary_name(text, "command.source", &rights);
	if (seteuid(0) != 0)
		abort();
}

void case_objects_taken(void)
{
	char temporary[TAKT_PORT_TEMPORARY_BYTES];
	const struct {
		const char *name;
		enum attempt by_root;
	} objects[] = {
		{"live", ATTEMPT_CREATE},	 {"roster", ATTEMPT_CREATE},	{"topic.imu", ATTEMPT_CREATE},
		{"live.imu", ATTEMPT_CREATE},	 {"node.source", ATTEMPT_JOIN}, {"command.source", ATTEMPT_JOIN},
		{"socket.source", ATTEMPT_JOIN}, {temporary, ATTEMPT_NONE},
	};

	temporary_name(temporary);
	for (unsigned i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		struct squat squat = {.actor = ACTOR_INTRUDER};

		make_victims(&squat);
		for (squat.kind = 0; squat.kind < KIND_COUNT; squat.kind++) {
			world_create();
			(void)snprintf(squat.path, sizeof(squat.path), "%s", world_object(objects[i].name));
			(void)unlink(squat.path);
			if (squat_put(&squat))
				expect_refusal(&squat, objects[i].name, objects[i].by_root);
			else
				note("%s: skipped, even root cannot put it there", kind_names[squat.kind]);
			world_remove_tree(world.folder);
		}
		(void)unlink(squat.victim);
		(void)rmdir(squat.victim_folder);
	}
}

/* ------------------------------------------------------------------------------------------------ wrong rights */

static void expect_named(const char *name, const char *words)
{
	struct said said;
	const int is_created = strncmp(name, "command", 7) != 0;

	for (int round = 0; round <= is_created; round++) {
		attempt(&said, round ? ATTEMPT_CREATE : ATTEMPT_NONE);
		expect(said.code == 1, "%s, %s: exit %d: %s", name, words, said.code, said.text);
		expect_said(&said, name, words);
		/* Where it cannot even be opened, the message says whose it is. */
		expect(strstr(said.text, words) || strstr(said.text, "run as that user"), "%s: nobody says '%s': %s",
		       name, words, said.text);
	}
}

void case_wrong_rights(void)
{
	static const char *const names[] = {"live",	 "roster",   "topic.imu",      "live.imu",
					    "topic.duo", "live.duo", "command.source", ""};
	struct said said;
	char domain[TAKT_OS_NAME_MAX];
	char words[64];

	world_create();
	actor_run(&said, ACTOR_PUBLISHER, 022, live_shortly, NULL);
	expect(said.code == 0, "the publisher's first life: exit %d: %s", said.code, said.text);
	(void)snprintf(domain, sizeof(domain), "takt.%s", world.domain);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = names[i][0] ? world_object(names[i]) : world.folder;
		const char *name = names[i][0] ? names[i] : domain;
		struct stat right;

		if (stat(path, &right) != 0 || chown(path, actor_user(ACTOR_INTRUDER), (gid_t)-1) != 0) {
			expect(0, "%s is not there", path);
			continue;
		}
		expect_named(name, "owner is uid 61005");
		expect(chown(path, right.st_uid, 65534) == 0 && chmod(path, right.st_mode & 07777) == 0, "chown %s",
		       path);
		expect_named(name, "group is gid 65534");
		expect(chown(path, right.st_uid, right.st_gid) == 0, "chown %s", path);
		expect(chmod(path, (right.st_mode & 07777) | 0006) == 0, "chmod %s", path);
		(void)snprintf(words, sizeof(words), "mode is 0%03o, expected 0%03o",
			       (unsigned)((right.st_mode & 07777) | 0006), (unsigned)(right.st_mode & 07777));
		expect_named(name, words);
		expect(chmod(path, right.st_mode & 07777) == 0, "chmod %s", path);
	}
	actor_run(&said, ACTOR_PUBLISHER, 022, live_shortly, NULL);
	expect(said.code == 0, "with all as it was: exit %d: %s", said.code, said.text);
}
