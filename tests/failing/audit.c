/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/failing/audit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/failing/stage.h"

#define DESCRIPTOR_MAX	 256
#define LOCK_MAX	 64
#define NAME_MAX_COUNT	 64
#define NAME_BYTES	 128
#define THREAD_END_S_MAX 5

struct lock {
	ino_t inode;
	off_t start;
	off_t count;
};

struct holdings {
	unsigned char descriptors[DESCRIPTOR_MAX];
	uint32_t mapping_count;
	struct lock locks[LOCK_MAX];
	uint32_t lock_count;
};

static struct holdings before;
static char names[NAME_MAX_COUNT][NAME_BYTES];
static uint32_t name_count;

/* ------------------------------------------------------------------------------------- descriptors, mappings */

static void look_at_descriptors(struct holdings *now)
{
	for (int i = 0; i < DESCRIPTOR_MAX; i++)
		now->descriptors[i] = fcntl(i, F_GETFD) >= 0;
}

static void say_descriptor(int descriptor)
{
	char link[64], path[160] = "";

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
	(void)!readlink(link, path, sizeof(path) - 1);
	bad("a descriptor is left open: %d, %s", descriptor, path);
}

/* Of takt's objects only: the C library keeps stacks of threads that have ended, and the heap. */
static uint32_t count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	uint32_t count = 0;

	while (maps && fgets(line, sizeof(line), maps))
		count += strstr(line, stage_root()) != NULL;
	if (maps)
		(void)fclose(maps);
	return count;
}

/* The kernel ends a thread a little after it can be joined. */
static void check_threads(void)
{
	struct timespec now;
	uint32_t count;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	const time_t end_s = now.tv_sec + THREAD_END_S_MAX;
	do {
		DIR *list = opendir("/proc/self/task");
		count = 0;
		while (list && readdir(list))
			count++;
		if (list)
			(void)closedir(list);
		(void)sched_yield();
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
	} while (count != 3 && now.tv_sec < end_s); /* ".", ".." and this one */
	if (count != 3)
		bad("%u threads are left", count - 3);
}

static void check_children(void)
{
	int how;

	if (waitpid(-1, &how, WNOHANG) != -1 || errno != ECHILD)
		bad("a child is left");
}

/* ------------------------------------------------------------------------------------------------------- locks */

static void note_lock(struct holdings *now, ino_t inode, off_t start, off_t count)
{
	if (now->lock_count < LOCK_MAX)
		now->locks[now->lock_count++] = (struct lock){inode, start, count};
}

/* All bytes of [start, end) that somebody else holds: asking names one span, the rest lies on both sides of it. */
static void find_locks(struct holdings *now, int descriptor, ino_t inode, off_t start, off_t end)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = end - start};

	if (start >= end || fcntl(descriptor, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
		return;
	note_lock(now, inode, lock.l_start, lock.l_len);
	find_locks(now, descriptor, inode, start, lock.l_start);
	if (lock.l_len > 0)
		find_locks(now, descriptor, inode, lock.l_start + lock.l_len, end);
}

static void look_at_locks(struct holdings *now)
{
	static const char *const files[] = {"live", "live.solo", "live.pair", "live.beat"};
	char path[STAGE_PATH_BYTES];
	struct stat info;

	now->lock_count = 0;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/takt.failing/%s", stage_root(), files[i]);
		const int descriptor = open(path, O_RDWR | O_CLOEXEC);
		if (descriptor < 0)
			continue;
		if (fstat(descriptor, &info) == 0)
			find_locks(now, descriptor, info.st_ino, 0, (off_t)1 << 62);
		(void)close(descriptor);
	}
}

static void check_locks(const struct holdings *now)
{
	for (uint32_t i = 0; i < now->lock_count; i++) {
		int is_old = 0;
		for (uint32_t k = 0; k < before.lock_count; k++)
			is_old |= memcmp(&now->locks[i], &before.locks[k], sizeof(before.locks[k])) == 0;
		if (!is_old)
			bad("a lock is left on byte %lld of inode %llu", (long long)now->locks[i].start,
			    (unsigned long long)now->locks[i].inode);
	}
}

void audit_begin(void)
{
	memset(&before, 0, sizeof(before));
	look_at_descriptors(&before);
	before.mapping_count = count_mappings();
	look_at_locks(&before);
}

void audit_end(void)
{
	static struct holdings now;

	look_at_descriptors(&now);
	for (int i = 0; i < DESCRIPTOR_MAX; i++) {
		if (now.descriptors[i] && !before.descriptors[i])
			say_descriptor(i);
		if (!now.descriptors[i] && before.descriptors[i])
			bad("a descriptor that is not takt's was closed: %d", i);
	}
	now.mapping_count = count_mappings();
	if (now.mapping_count != before.mapping_count)
		bad("%u mappings are left", now.mapping_count - before.mapping_count);
	check_children();
	check_threads();
	look_at_locks(&now);
	check_locks(&now);
}

/* ------------------------------------------------------------------------------------------------------- names */

static void each_name(const char *folder, void (*visit)(const char *path, const void *context), const void *context)
{
	char path[NAME_BYTES * 2];
	struct dirent *found;
	struct stat info;
	DIR *list = opendir(folder);

	while (list && (found = readdir(list)) != NULL) {
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%.100s", folder, found->d_name);
		visit(path + strlen(stage_root()), context);
		if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode))
			each_name(path, visit, context);
	}
	if (list)
		(void)closedir(list);
}

static int is_allowed(const char *path)
{
	for (uint32_t i = 0; i < name_count; i++)
		if (strcmp(names[i], path) == 0)
			return 1;
	return 0;
}

static void allow(const char *path, const void *context)
{
	(void)context;
	if (name_count < NAME_MAX_COUNT && !is_allowed(path))
		(void)snprintf(names[name_count++], NAME_BYTES, "%s", path);
}

static void check(const char *path, const void *context)
{
	const int *leftovers_allowed = context;
	const int is_leftover = strstr(path, ".new-") || strstr(path, ".new") || strstr(path, "/reply.");

	if (!is_allowed(path) && !(*leftovers_allowed && is_leftover))
		bad("left in the folder: %s", path);
}

void names_allow(void)
{
	name_count = 0;
	each_name(stage_root(), allow, NULL);
}

static void sweep(const char *path, const void *context)
{
	char whole[NAME_BYTES * 3];

	(void)context;
	(void)snprintf(whole, sizeof(whole), "%s%s", stage_root(), path);
	if (!is_allowed(path))
		(void)remove(whole);
}

void names_sweep(void)
{
	each_name(stage_root(), sweep, NULL);
}

void names_check(int leftovers_allowed)
{
	each_name(stage_root(), check, &leftovers_allowed);
}
