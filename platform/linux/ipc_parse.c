/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's tables as text. Names in them are other processes' bytes. */
#include "platform/linux/port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "platform/ipc.h"

#define FIELDS_MAX    14
#define MODE_FIELD    2
#define KERNEL_FLAG   0x00200000u /* PF_KTHREAD */
#define MEMORY_DEST   01000u	  /* SHM_DEST */
#define SYSV_PREFIX   "/SYSV"
#define FLAGS_FIELD   9	 /* of /proc/PID/stat, counted from 1 */
#define START_FIELD   22 /* likewise */
#define SOCKET_FIELDS 6	 /* in front of the inode */
#define MAP_COLUMNS   3	 /* in front of the device */

/* The next number of a line. @retval 1 there is one */
static int take_number(const char **at, int base, int64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoll(*at, &end, base);
	if (end == *at || errno != 0 || (*end != ' ' && *end != '\n' && *end != '\0'))
		return 0;
	*at = end;
	return 1;
}

static int take_fields(const char *line, int64_t *fields, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!take_number(&line, i == MODE_FIELD ? 8 : 10, &fields[i]))
			return 0;
	return 1;
}

static uint64_t latest(int64_t a, int64_t b)
{
	int64_t time = a > b ? a : b;

	return time > 0 ? (uint64_t)time : 0;
}

static void set_owner(struct takt_os_ipc *object, const int64_t *users)
{
	object->rights.owner = (uint32_t)users[0];
	object->rights.group = (uint32_t)users[1];
	object->creator = (uint32_t)users[2];
}

/* key msqid perms cbytes qnum lspid lrpid uid gid cuid cgid stime rtime ctime */
static int read_queue(const char *line, struct takt_os_ipc *object)
{
	int64_t fields[FIELDS_MAX];

	if (!take_fields(line, fields, 14))
		return 0;
	object->bytes = (uint64_t)fields[3];
	object->item_count = (uint32_t)fields[4];
	set_owner(object, &fields[7]);
	object->changed_wall_s = latest((int64_t)latest(fields[11], fields[12]), fields[13]);
	object->processes[0] = (struct takt_os_ipc_process){.id = (uint32_t)fields[5], .wall_s = latest(fields[11], 0)};
	object->processes[1] = (struct takt_os_ipc_process){.id = (uint32_t)fields[6], .wall_s = latest(fields[12], 0)};
	return 1;
}

/* key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime */
static int read_memory(const char *line, struct takt_os_ipc *object)
{
	int64_t fields[FIELDS_MAX];

	if (!take_fields(line, fields, 14))
		return 0;
	object->bytes = (uint64_t)fields[3];
	object->item_count = (uint32_t)fields[6];
	object->is_marked = ((uint32_t)fields[2] & MEMORY_DEST) != 0;
	set_owner(object, &fields[7]);
	object->changed_wall_s = latest((int64_t)latest(fields[11], fields[12]), fields[13]);
	/* Whoever made it did so before its last change. */
	object->processes[0] = (struct takt_os_ipc_process){.id = (uint32_t)fields[4], .wall_s = latest(fields[13], 0)};
	return 1;
}

/* key semid perms nsems uid gid cuid cgid otime ctime */
static int read_sem(const char *line, struct takt_os_ipc *object)
{
	int64_t fields[FIELDS_MAX];

	if (!take_fields(line, fields, 10))
		return 0;
	object->item_count = (uint32_t)fields[3];
	set_owner(object, &fields[4]);
	object->changed_wall_s = latest(fields[8], fields[9]);
	object->processes[0].wall_s = latest(fields[8], 0);
	return 1;
}

int takt_os_ipc_read_sysv(enum takt_os_ipc_kind kind, const char *line, struct takt_os_ipc *object)
{
	int64_t fields[3];
	int is_one;

	*object = (struct takt_os_ipc){.kind = kind};
	if (!take_fields(line, fields, 3))
		return 0;
	object->key = (uint32_t)fields[0];
	object->id = (uint32_t)fields[1];
	object->rights.mode = (uint32_t)fields[MODE_FIELD] & 0777u;
	if (kind == TAKT_OS_IPC_SYSV_QUEUE)
		is_one = read_queue(line, object);
	else if (kind == TAKT_OS_IPC_SYSV_MEMORY)
		is_one = read_memory(line, object);
	else
		is_one = kind == TAKT_OS_IPC_SYSV_SEM && read_sem(line, object);
	return is_one;
}

static const char *skip_columns(const char *line, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	return line;
}

/* "0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/name" */
int takt_os_ipc_read_socket(const char *line, struct takt_os_ipc *object)
{
	int64_t inode;

	*object = (struct takt_os_ipc){.kind = TAKT_OS_IPC_SOCKET};
	line = skip_columns(line, SOCKET_FIELDS);
	if (!take_number(&line, 10, &inode) || inode <= 0 || line[0] != ' ' || line[1] == '\0' || line[1] == '\n')
		return 0;
	object->inode = (uint64_t)inode;
	(void)snprintf(object->name, sizeof(object->name), "%.*s", (int)strcspn(line + 1, "\n"), line + 1);
	return 1;
}

int takt_os_ipc_read_queue(const char *text, uint64_t *bytes, uint32_t *notified_process)
{
	static const char size_mark[] = "QSIZE:", process_mark[] = "NOTIFY_PID:";
	const char *size = strstr(text, size_mark);
	const char *process = strstr(text, process_mark);
	int64_t numbers[2];

	if (size == NULL || process == NULL)
		return 0;
	size += sizeof(size_mark) - 1;
	process += sizeof(process_mark) - 1;
	if (!take_number(&size, 10, &numbers[0]) || !take_number(&process, 10, &numbers[1]) || numbers[0] < 0 ||
	    numbers[1] < 0)
		return 0;
	*bytes = (uint64_t)numbers[0];
	*notified_process = (uint32_t)numbers[1];
	return 1;
}

int takt_os_ipc_read_stat(const char *line, struct takt_os_ipc_stat *stat)
{
	/* The program's name stands in parentheses and may have some in it, and blanks. */
	const char *at = strrchr(line, ')');
	int64_t number, flags = 0;

	if (at == NULL || at[1] != ' ' || at[2] == '\0')
		return 0;
	*stat = (struct takt_os_ipc_stat){.state = at[2]};
	at += 3;
	for (uint32_t field = 4; field <= START_FIELD; field++) {
		if (!take_number(&at, 10, &number))
			return 0;
		if (field == FLAGS_FIELD)
			flags = number;
	}
	stat->is_kernel = ((uint64_t)flags & KERNEL_FLAG) != 0;
	stat->start_ticks = (uint64_t)number;
	return number >= 0;
}

/* "7f0000000000-7f0000001000 rw-s 00000000 00:01 32769   /SYSV000004d2 (deleted)" */
int takt_os_ipc_read_map(const char *line, struct takt_os_ipc_map *map)
{
	int64_t inode;

	*map = (struct takt_os_ipc_map){.inode = 0};
	line = skip_columns(line, MAP_COLUMNS);
	char *end;
	const unsigned long major_number = strtoul(line, &end, 16);
	if (end == line || *end != ':')
		return 0;
	line = end + 1;
	const unsigned long minor_number = strtoul(line, &end, 16);
	if (end == line || *end != ' ')
		return 0;
	line = end;
	if (!take_number(&line, 10, &inode) || inode < 0)
		return 0;
	map->device = makedev((unsigned)major_number, (unsigned)minor_number);
	map->inode = (uint64_t)inode;
	map->is_sysv = strncmp(skip_columns(line, 1), SYSV_PREFIX, sizeof(SYSV_PREFIX) - 1) == 0;
	/* A segment's id may be 0; no file's inode is. */
	return inode != 0 || map->is_sysv;
}
