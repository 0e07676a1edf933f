/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever owns a folder may exchange names in it while root works there. Root's process is stopped before its k-th system call, for
 * every k; the owner exchanges an object of his own for a link to somebody else's file, and the process goes on. Whatever it then does,
 * the file stays as it is and is not even opened.
 */
#include "tests/rights/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/linux/port.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/request.h"
#include "platform/shm.h"
#include "tests/rights/actor.h"
#include "tests/rights/world.h"

#define CALLS_MAX 200

static const struct takt_os_rights rights = {61002, GROUP_MEMBERS, 0660};

struct work {
	const char *what;
	int (*prepare)(const struct work *work); /* puts the owner's object at `path` */
	int (*run)(const struct work *work);
	char path[2 * PATH_BYTES];
	char other[2 * PATH_BYTES]; /* the link */
	char victim[PATH_BYTES];
	char folder_name[TAKT_OS_NAME_MAX];
};

static int own(const char *path, mode_t mode)
{
	return chown(path, rights.owner, GROUP_MEMBERS) == 0 && chmod(path, mode) == 0;
}

static int open_folder(const struct work *work)
{
	int folder = -1;

	return takt_os_folder_open(&folder, work->folder_name, &rights) == TAKT_OK ? folder : -1;
}

/* A pipe that its owner has begun, in such a state that root must change its mode. */
static int prepare_pipe(const struct work *work)
{
	return mkfifo(work->path, 0) == 0 && own(work->path, 0);
}

static int make_pipe(const struct work *work)
{
	int folder = open_folder(work);

	return takt_os_fifo_create(folder, "command.x", &rights) == TAKT_OK;
}

static int prepare_folder(const struct work *work)
{
	return mkdir(work->path, 0) == 0 && own(work->path, 0);
}

static int make_folder(const struct work *work)
{
	(void)work;
	int folder = -1;

	return takt_os_folder_open(&folder, "takt.exchanged", &rights) == TAKT_OK;
}

static int prepare_object(const struct work *work)
{
	int file = open(work->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	return file >= 0 && write(file, "object", 6) == 6 && close(file) == 0 && own(work->path, 0660);
}

static int open_object(const struct work *work)
{
	struct takt_os_shm shm = {0};
	int folder = open_folder(work);

	return takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_WRITE, &rights, 1) == TAKT_OK;
}

/* What root's own earlier life left: then root makes a socket in its place, and gives it a group and a mode. */
static int prepare_socket(const struct work *work)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int door = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.107s", work->path);
	return door >= 0 && bind(door, (const struct sockaddr *)&address, sizeof(address)) == 0 && close(door) == 0;
}

static int make_socket(const struct work *work)
{
	int folder = open_folder(work);
	int socket = -1;

	return takt_os_request_bind(&socket, folder, "socket.x", &rights) == TAKT_OK;
}

static void ignore_message(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	(void)text;
}

/* Exchanges the names before the `exchanged_at`-th system call. 0: the work was over before. */
static int work_once(const struct work *work, unsigned exchanged_at)
{
	unsigned stops = 0;
	int status;
	pid_t root = fork();

	if (root == 0) {
		takt_message_handler_set(ignore_message, NULL);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(3);
		(void)raise(SIGSTOP);
		_exit(work->run(work) ? 0 : 1);
	}
	if (root < 0)
		return 0;
	while (waitpid(root, &status, 0) == root && WIFSTOPPED(status)) {
		/* Each call stops at its entry and at its exit: both are moments of their own. */
		if (stops++ == exchanged_at)
			expect(renameat2(AT_FDCWD, work->path, AT_FDCWD, work->other, RENAME_EXCHANGE) == 0 ||
				       errno == ENOENT,
			       "%s: the names cannot be exchanged", work->what);
		if (ptrace(PTRACE_SYSCALL, root, NULL, NULL) != 0)
			break;
	}
	expect(WIFEXITED(status) && WEXITSTATUS(status) <= 1, "%s: status %#x", work->what, (unsigned)status);
	return stops > exchanged_at;
}

static void remove_any(const char *path)
{
	(void)unlink(path);
	(void)rmdir(path);
}

static void try_every_call(const struct work *work)
{
	unsigned call = 0;
	int goes_on = 1;

	for (; goes_on && call < CALLS_MAX; call++) {
		struct snapshot before;
		struct snapshot after;
		char event[4096];
		char named[2 * PATH_BYTES];

		remove_any(work->path);
		remove_any(work->other);
		expect(work->prepare(work) && symlink(work->victim, work->other) == 0, "%s: not prepared", work->what);
		expect(snapshot_take(&before, work->victim), "no victim");
		const int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		(void)inotify_add_watch(watch, work->victim, IN_OPEN | IN_MODIFY | IN_ATTRIB | IN_ACCESS);
		goes_on = work_once(work, call);
		expect(read(watch, event, sizeof(event)) < 0,
		       "%s: with names exchanged at stop %u root touches the link's end", work->what, call);
		(void)close(watch);
		expect(snapshot_take(&after, work->victim) && snapshot_equal(&before, &after),
		       "%s: with names exchanged at stop %u root changes the link's end", work->what, call);
		(void)unlink(world_object("command.x"));
		(void)snprintf(named, sizeof(named), "%s/takt.exchanged", world.root);
		remove_any(named);
	}
	expect(!goes_on && call > 6, "%s: %u stops", work->what, call);
	remove_any(work->path);
	remove_any(work->other);
}

void case_exchanged_names(void)
{
	struct work works[] = {
		{.what = "a named pipe", .prepare = prepare_pipe, .run = make_pipe},
		{.what = "a domain's folder", .prepare = prepare_folder, .run = make_folder},
		{.what = "an object", .prepare = prepare_object, .run = open_object},
		{.what = "a command socket", .prepare = prepare_socket, .run = make_socket},
	};
	const unsigned work_count = sizeof(works) / sizeof(works[0]);
	const struct takt_os_rights of_folder = {rights.owner, rights.group, 01770};
	char temporary[TAKT_PORT_TEMPORARY_BYTES];
	char victim[PATH_BYTES];
	int file;

	(void)snprintf(victim, sizeof(victim), "%s/victim", world.root);
	file = open(victim, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	expect(file >= 0 && write(file, "precious", 8) == 8 && close(file) == 0 &&
		       chown(victim, actor_user(ACTOR_VICTIM), 0) == 0 && chmod(victim, 0644) == 0,
	       "no victim");
	for (unsigned i = 0; i < work_count; i++) {
		(void)snprintf(works[i].victim, sizeof(works[i].victim), "%s", victim);
		(void)snprintf(works[i].folder_name, sizeof(works[i].folder_name), "takt.%s", world.domain);
		(void)snprintf(works[i].other, sizeof(works[i].other), "%s/reply.other", world.folder);
	}
	file = open_folder(&works[0]);
	expect(file >= 0, "no folder");
	takt_port_temporary_name(temporary, "command.x", &rights);
	(void)snprintf(works[0].path, sizeof(works[0].path), "%s/%s", world.folder, temporary);
	takt_port_temporary_name(temporary, "takt.exchanged", &of_folder);
	(void)snprintf(works[1].path, sizeof(works[1].path), "%s/%s", world.root, temporary);
	(void)snprintf(works[1].other, sizeof(works[1].other), "%s/takt.other", world.root);
	(void)snprintf(works[2].path, sizeof(works[2].path), "%s/object", world.folder);
	(void)snprintf(works[3].path, sizeof(works[3].path), "%s/socket.x", world.folder);
	for (unsigned i = 0; i < work_count; i++)
		try_every_call(&works[i]);
	(void)close(file);
	(void)unlink(victim);
}
