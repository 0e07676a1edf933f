/* SPDX-License-Identifier: Apache-2.0 */
/* Who has an object open, mapped or attached, and who sleeps on a System V queue: every process is looked into once. */
#include "platform/linux/port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/ipc.h"
#include "platform/linux/machine_read.h"

#define LINE_BYTES	4608 /* a path of the longest kind, and the columns before it */
#define NAMESPACE_BYTES 64

/* Calls of the old gate for all of System V, on processors that have it. */
#define GATE_MSGSND 11
#define GATE_MSGRCV 12

#define DEVICES_MAX 4 /* file systems of POSIX objects: /dev/shm and the queues' */
#define OTHERS_BITS 066u

struct walk {
	struct takt_os_ipc *objects;
	uint32_t count;
	const char *root;
	uint64_t devices[DEVICES_MAX]; /* on which the objects are that are files */
	uint32_t device_count;
	int has_queues; /* System V's are among the objects */
	char own_namespace[NAMESPACE_BYTES];
	uint32_t process; /* that is looked into */
	int is_foreign;	  /* it has another namespace than this process */
};

static int is_posix(const struct takt_os_ipc *object)
{
	return object->kind >= TAKT_OS_IPC_POSIX_MEMORY && object->kind <= TAKT_OS_IPC_POSIX_QUEUE;
}

/* Counts a process once for an object, however often it has it. */
static void add_holder(struct walk *walk, struct takt_os_ipc *object)
{
	if (object->holder_count && object->holder.id == walk->process)
		return;
	object->holder_count++;
	object->holder = (struct takt_os_ipc_process){.id = walk->process};
}

static int has_device(const struct walk *walk, uint64_t device)
{
	for (uint32_t i = 0; i < walk->device_count; i++)
		if (walk->devices[i] == device)
			return 1;
	return 0;
}

static void match_file(struct walk *walk, uint64_t device, uint64_t inode)
{
	if (!has_device(walk, device))
		return;
	for (uint32_t i = 0; i < walk->count; i++)
		if (is_posix(&walk->objects[i]) && walk->objects[i].inode == inode && walk->objects[i].device == device)
			add_holder(walk, &walk->objects[i]);
}

static void match_sysv(struct walk *walk, uint64_t id)
{
	for (uint32_t i = 0; i < walk->count && !walk->is_foreign; i++)
		if (walk->objects[i].kind == TAKT_OS_IPC_SYSV_MEMORY && walk->objects[i].id == id)
			add_holder(walk, &walk->objects[i]);
}

static FILE *open_part(const struct walk *walk, const char *part)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%u/%s", walk->process, part);
	return takt_port_machine_open(walk->root, path);
}

/* @retval 0 it may not be looked into */
static int walk_maps(struct walk *walk)
{
	static char line[LINE_BYTES];
	FILE *file = open_part(walk, "maps");

	if (file == NULL)
		return errno != EACCES && errno != EPERM;
	while (fgets(line, sizeof(line), file)) {
		struct takt_os_ipc_map map;

		if (!takt_os_ipc_read_map(line, &map))
			continue;
		if (map.is_sysv)
			match_sysv(walk, map.inode);
		else
			match_file(walk, map.device, map.inode);
	}
	(void)fclose(file);
	return 1;
}

static DIR *open_folder(const struct walk *walk, const char *part)
{
	char path[TAKT_OS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/proc/%u/%s", walk->root, walk->process, part);
	return opendir(path);
}

/* @retval 0 it may not be looked into */
static int walk_descriptors(struct walk *walk)
{
	DIR *folder = open_folder(walk, "fd");
	struct dirent *entry;
	struct stat found;

	if (folder == NULL)
		return errno != EACCES && errno != EPERM;
	while ((entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.' && fstatat(dirfd(folder), entry->d_name, &found, 0) == 0 &&
		    S_ISREG(found.st_mode))
			match_file(walk, found.st_dev, found.st_ino);
	(void)closedir(folder);
	return 1;
}

/* "70 0x8000 ...": the call that a thread sleeps in, and its arguments. @retval the queue; -1 it sleeps on none */
static int64_t queue_of_call(const char *line)
{
	char *at, *end;
	const long call = strtol(line, &at, 10);
	const unsigned long long first = strtoull(at, &end, 16);

	/* "running": no call, and no number. */
	if (at == line)
		return -1;
#ifdef SYS_msgrcv
	if (call == SYS_msgrcv || call == SYS_msgsnd)
		return (int64_t)first;
#endif
#ifdef SYS_ipc
	if (call == SYS_ipc && ((first & 0xffff) == GATE_MSGSND || (first & 0xffff) == GATE_MSGRCV))
		return (int64_t)strtoull(end, NULL, 16);
#endif
	return -1;
}

static void match_waiting(struct walk *walk, const char *thread)
{
	char part[300], line[256];

	(void)snprintf(part, sizeof(part), "/proc/%u/task/%s/syscall", walk->process, thread);
	if (!takt_port_machine_line(walk->root, part, line, sizeof(line)))
		return;
	int64_t queue = queue_of_call(line);
	for (uint32_t i = 0; i < walk->count && queue >= 0; i++) {
		struct takt_os_ipc *object = &walk->objects[i];

		if (object->kind != TAKT_OS_IPC_SYSV_QUEUE || object->id != queue)
			continue;
		object->waiting_count++;
		add_holder(walk, object);
	}
}

static void walk_threads(struct walk *walk)
{
	DIR *folder = open_folder(walk, "task");
	struct dirent *entry;

	while (folder && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.')
			match_waiting(walk, entry->d_name);
	if (folder)
		(void)closedir(folder);
}

/* "ipc:[4026531839]"; "" where the system does not say. */
static void read_namespace(const struct walk *walk, const char *process, char text[NAMESPACE_BYTES])
{
	char path[TAKT_OS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/proc/%s/ns/ipc", walk->root, process);
	ssize_t length = readlink(path, text, NAMESPACE_BYTES - 1);
	text[length > 0 ? length : 0] = '\0';
}

/* Threads of the kernel hold nothing of anybody, and what has ended nothing any more. */
static int may_hold(const struct walk *walk)
{
	char path[64], line[1024];
	struct takt_os_ipc_stat stat;

	(void)snprintf(path, sizeof(path), "/proc/%u/stat", walk->process);
	if (!takt_port_machine_line(walk->root, path, line, sizeof(line)))
		return 0;
	return !takt_os_ipc_read_stat(line, &stat) || (!stat.is_kernel && stat.state != 'Z' && stat.state != 'X');
}

/* Somebody who may not be looked into: which System V queues may he wait for? Root is not counted for those of others, nor an init that hides
 * from root, since otherwise nobody but root, or nobody at all, could say anything of his own. */
static void doubt_queues(struct walk *walk)
{
	char path[TAKT_OS_PATH_MAX];
	struct stat found;

	(void)snprintf(path, sizeof(path), "%s/proc/%u", walk->root, walk->process);
	if (stat(path, &found) != 0 || (walk->process == 1 && geteuid() == 0))
		return;
	for (uint32_t i = 0; i < walk->count; i++) {
		struct takt_os_ipc *object = &walk->objects[i];
		int is_own = found.st_uid == object->rights.owner || found.st_uid == object->creator;
		int may_use = is_own || (found.st_uid != 0 && (object->rights.mode & OTHERS_BITS) != 0);

		if (object->kind == TAKT_OS_IPC_SYSV_QUEUE && may_use)
			object->is_unsure = 1;
	}
}

static void look_into(struct walk *walk, const char *process, struct takt_os_ipc_survey *survey)
{
	char namespace_text[NAMESPACE_BYTES];

	walk->process = (uint32_t)strtoul(process, NULL, 10);
	if (!may_hold(walk) || (walk->root[0] == '\0' && walk->process == (uint32_t)getpid()))
		return;
	survey->process_count++;
	read_namespace(walk, process, namespace_text);
	walk->is_foreign =
		namespace_text[0] && walk->own_namespace[0] && strcmp(namespace_text, walk->own_namespace) != 0;
	survey->foreign_count += (uint32_t)walk->is_foreign;
	int is_seen = walk_maps(walk);
	if (walk->device_count)
		is_seen &= walk_descriptors(walk);
	if (walk->has_queues && !walk->is_foreign)
		walk_threads(walk);
	survey->hidden_count += !is_seen;
	if (!is_seen && !walk->is_foreign)
		doubt_queues(walk);
}

static void look_at_kinds(struct walk *walk)
{
	for (uint32_t i = 0; i < walk->count; i++) {
		struct takt_os_ipc *object = &walk->objects[i];

		object->holder_count = 0;
		if (is_posix(object) && !has_device(walk, object->device) && walk->device_count < DEVICES_MAX)
			walk->devices[walk->device_count++] = object->device;
		if (object->kind != TAKT_OS_IPC_SYSV_QUEUE)
			continue;
		walk->has_queues = 1;
		object->waiting_count = 0;
	}
}

void takt_os_ipc_look_users(struct takt_os_ipc *objects, uint32_t count, const char *root,
			    struct takt_os_ipc_survey *survey)
{
	struct walk walk = {.objects = objects, .count = count, .root = root};
	char path[TAKT_OS_PATH_MAX];
	struct dirent *entry;

	*survey = (struct takt_os_ipc_survey){.process_count = 0};
	look_at_kinds(&walk);
	read_namespace(&walk, "self", walk.own_namespace);
	(void)snprintf(path, sizeof(path), "%s/proc", root);
	DIR *folder = opendir(path);
	while (folder && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look_into(&walk, entry->d_name, survey);
	if (folder)
		(void)closedir(folder);
	for (uint32_t i = 0; i < count; i++)
		if (objects[i].holder_count)
			takt_os_ipc_process_look(&objects[i].holder, root);
}
