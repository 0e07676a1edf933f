/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POSIX: shared memory and named semaphores are files of /dev/shm, message queues those of a file system of their own. Whether anybody has
 * one open or mapped the kernel says by a write lease: it is granted only where nobody else does.
 */
#include "platform/linux/port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/ipc.h"
#include "platform/linux/ipc_parts.h"
#include "platform/linux/machine_read.h"
#include "platform/message.h"

#define SHARED_FOLDER "/dev/shm"
#define SEM_PREFIX    "sem."
#define LINE_BYTES    1024
#define QUEUE_BYTES   256

/* Where the queues' file system is mounted. @retval 1 it is */
static int find_queue_folder(const char *root, char path[TAKT_OS_PATH_MAX])
{
	FILE *file = takt_port_machine_open(root, "/proc/self/mounts");
	char line[LINE_BYTES], type[32];
	int is_found = 0;

	while (file && !is_found && fgets(line, sizeof(line), file))
		is_found = sscanf(line, "%*s %511s %31s", path, type) == 2 && strcmp(type, "mqueue") == 0;
	if (file)
		(void)fclose(file);
	return is_found;
}

static void set_file(struct takt_os_ipc *object, const struct stat *found)
{
	object->device = found->st_dev;
	object->inode = found->st_ino;
	object->rights = (struct takt_os_rights){found->st_uid, found->st_gid, found->st_mode & 0777u};
	object->creator = found->st_uid;
	object->bytes = (uint64_t)found->st_size;
	object->changed_wall_s = (uint64_t)(found->st_mtime > found->st_ctime ? found->st_mtime : found->st_ctime);
}

/* Bytes in a queue, and who waits to be told of news. */
static void read_queue_file(struct takt_os_ipc *object, int descriptor)
{
	char text[QUEUE_BYTES];
	uint32_t notified = 0;
	ssize_t count = descriptor < 0 ? -1 : read(descriptor, text, sizeof(text) - 1);

	object->bytes = 0;
	object->is_unsure = 1;
	if (count <= 0)
		return;
	text[count] = '\0';
	object->is_unsure = !takt_os_ipc_read_queue(text, &object->bytes, &notified);
	if (notified == 0)
		return;
	object->waiting_count = 1;
	object->processes[0].id = notified;
	takt_os_ipc_process_look(&object->processes[0], "");
}

static int look_at(struct takt_os_ipc *object, int folder, const char *file)
{
	struct stat found;

	if (fstatat(folder, file, &found, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(found.st_mode))
		return 0;
	set_file(object, &found);
	if (object->kind == TAKT_OS_IPC_POSIX_QUEUE) {
		/* The other times of a queue's file are those of its last reader: of this very look. */
		object->changed_wall_s = (uint64_t)found.st_mtime;
		int descriptor = openat(folder, file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

		read_queue_file(object, descriptor);
		takt_port_close(&descriptor);
	}
	return 1;
}

/* Semaphores and memory share a folder. @retval the name without what tells them apart; NULL it is of the other kind */
static const char *own_name(enum takt_os_ipc_kind kind, const char *file)
{
	int is_sem = strncmp(file, SEM_PREFIX, sizeof(SEM_PREFIX) - 1) == 0;

	if (kind == TAKT_OS_IPC_POSIX_SEM)
		return is_sem ? file + sizeof(SEM_PREFIX) - 1 : NULL;
	return kind == TAKT_OS_IPC_POSIX_QUEUE || !is_sem ? file : NULL;
}

enum takt_status takt_port_ipc_each_posix(enum takt_os_ipc_kind kind, const char *root, takt_os_ipc_visit visit,
					  void *context)
{
	char path[2 * TAKT_OS_PATH_MAX], mount[TAKT_OS_PATH_MAX] = SHARED_FOLDER;
	struct dirent *entry;

	if (kind == TAKT_OS_IPC_POSIX_QUEUE && !find_queue_folder(root, mount))
		return TAKT_UNSUPPORTED;
	(void)snprintf(path, sizeof(path), "%s%s", root, mount);
	DIR *folder = opendir(path);
	if (folder == NULL)
		return errno == EACCES ? TAKT_DENIED : TAKT_UNSUPPORTED;
	while ((entry = readdir(folder)) != NULL) {
		struct takt_os_ipc object = {.kind = kind};
		const char *name = own_name(kind, entry->d_name);

		if (name == NULL || !look_at(&object, dirfd(folder), entry->d_name))
			continue;
		(void)snprintf(object.name, sizeof(object.name), "/%s", name);
		visit(context, &object);
	}
	(void)closedir(folder);
	return TAKT_OK;
}

/* --------------------------------------------------------------------------------------------------------- removal */

/* Opens it for reading only: a writer's permission is not needed in order to ask. @retval -1 errno says why not */
static int open_object(const struct takt_os_ipc *object)
{
	char path[sizeof(SHARED_FOLDER) + sizeof(SEM_PREFIX) + TAKT_OS_IPC_NAME_MAX];

	if (object->kind == TAKT_OS_IPC_POSIX_QUEUE)
		return mq_open(object->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), SHARED_FOLDER "/%s%s",
		       object->kind == TAKT_OS_IPC_POSIX_SEM ? SEM_PREFIX : "", object->name + 1);
	return open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
}

/* Holds it against everybody who would open it. */
static enum takt_os_ipc_use hold(int descriptor)
{
	/* Somebody who opens it meanwhile makes the kernel tell us so; the usual signal for that would end this process. */
	if (fcntl(descriptor, F_SETSIG, SIGURG) != 0)
		return TAKT_OS_IPC_UNSURE;
	if (fcntl(descriptor, F_SETLEASE, F_WRLCK) == 0)
		return TAKT_OS_IPC_FREE;
	return errno == EAGAIN || errno == EBUSY ? TAKT_OS_IPC_USED : TAKT_OS_IPC_UNSURE;
}

enum takt_os_ipc_use takt_os_ipc_ask(const struct takt_os_ipc *object)
{
	int descriptor = open_object(object);
	enum takt_os_ipc_use use = descriptor < 0 ? TAKT_OS_IPC_UNSURE : hold(descriptor);

	if (use == TAKT_OS_IPC_FREE)
		(void)fcntl(descriptor, F_SETLEASE, F_UNLCK);
	takt_port_close(&descriptor);
	return use;
}

static enum takt_status refusal(int error)
{
	if (error == ENOENT)
		return TAKT_ABSENT;
	return error == EACCES || error == EPERM ? TAKT_DENIED : TAKT_SYSTEM;
}

/* For whoever may remove what he may not open: the name must still lead to the same object. */
static enum takt_status compare_name(const struct takt_os_ipc *object, int descriptor)
{
	char path[sizeof(SHARED_FOLDER) + sizeof(SEM_PREFIX) + TAKT_OS_IPC_NAME_MAX];
	struct stat found;

	if (descriptor >= 0) {
		if (fstat(descriptor, &found) != 0)
			return TAKT_SYSTEM;
	} else if (object->kind == TAKT_OS_IPC_POSIX_QUEUE) {
		return TAKT_OK;
	} else {
		(void)snprintf(path, sizeof(path), SHARED_FOLDER "/%s%s",
			       object->kind == TAKT_OS_IPC_POSIX_SEM ? SEM_PREFIX : "", object->name + 1);
		if (lstat(path, &found) != 0)
			return refusal(errno);
	}
	return found.st_dev == object->device && found.st_ino == object->inode ? TAKT_OK : TAKT_MISMATCH;
}

static enum takt_status unlink_object(const struct takt_os_ipc *object)
{
	int result;

	if (object->kind == TAKT_OS_IPC_POSIX_QUEUE)
		result = mq_unlink(object->name);
	else if (object->kind == TAKT_OS_IPC_POSIX_SEM)
		result = sem_unlink(object->name);
	else
		result = shm_unlink(object->name);
	if (result == 0)
		return TAKT_OK;
	enum takt_status status = refusal(errno);
	if (status == TAKT_SYSTEM)
		takt_message(TAKT_ERROR, "POSIX object: cannot remove it: %s", strerror(errno));
	return status;
}

enum takt_status takt_port_ipc_remove_posix(const struct takt_os_ipc *object, int is_forced)
{
	int descriptor = open_object(object);
	int error = errno;

	if (descriptor < 0 && error == ENOENT)
		return TAKT_ABSENT;
	enum takt_status status = compare_name(object, descriptor);
	if (status == TAKT_OK && !is_forced) {
		enum takt_os_ipc_use use = descriptor < 0 ? TAKT_OS_IPC_UNSURE : hold(descriptor);

		/* Who is neither its owner nor root may not ask, and may not remove it either. */
		if (use == TAKT_OS_IPC_UNSURE)
			status = object->rights.owner == geteuid() || geteuid() == 0 ? TAKT_NOT_READY : TAKT_DENIED;
		else if (use == TAKT_OS_IPC_USED)
			status = TAKT_BUSY;
	}
	if (status == TAKT_OK)
		status = unlink_object(object);
	/* With the descriptor the lease goes, and whoever waited for it finds no such name, or what it had found already. */
	takt_port_close(&descriptor);
	return status;
}

enum takt_status takt_os_ipc_queue_find(struct takt_os_ipc *object, const char *name)
{
	struct stat found;

	*object = (struct takt_os_ipc){.kind = TAKT_OS_IPC_POSIX_QUEUE};
	if (name[0] != '/' || name[1] == '\0' || strchr(name + 1, '/') || strlen(name) >= sizeof(object->name))
		return TAKT_INVALID;
	(void)snprintf(object->name, sizeof(object->name), "%s", name);
	int descriptor = open_object(object);
	if (descriptor < 0)
		return errno == ENOSYS ? TAKT_UNSUPPORTED : refusal(errno);
	if (fstat(descriptor, &found) != 0) {
		takt_port_close(&descriptor);
		return TAKT_SYSTEM;
	}
	set_file(object, &found);
	read_queue_file(object, descriptor);
	takt_port_close(&descriptor);
	return TAKT_OK;
}
