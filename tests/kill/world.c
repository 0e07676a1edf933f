/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kill/world.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/folder.h"

#define FOLDER	   "takt.kill"
#define PATH_BYTES 160

static char root[PATH_BYTES / 2];

struct residue {
	const char *allowed;
	uint32_t count;
};

static struct view {
	char name[64];
	ino_t inode;
	uint32_t bytes;
	unsigned char *memory;
	unsigned char *copy;
} views[WORLD_FILE_COUNT_MAX];
static uint32_t view_count;

static void require(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(2);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

void world_begin(void)
{
	(void)snprintf(root, sizeof(root), "/dev/shm/takt-kill-XXXXXX");
	require(mkdtemp(root) != NULL, "mkdtemp");
	require(setenv("TAKT_SHM_FOLDER", root, 1) == 0, "setenv");
}

void world_end(void)
{
	(void)nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *world_root(void)
{
	return root;
}

static int is_stage(const char *name)
{
	return strcmp(name, WORLD_CONFIG_NAME) == 0 || strcmp(name, WORLD_PARAMETER_NAME) == 0;
}

static int open_folder(void)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/" FOLDER, root);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void each_name(int folder, void (*visit)(void *context, int folder, const char *name), void *context)
{
	const int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = own < 0 ? NULL : fdopendir(own);
	const struct dirent *found;

	require(list != NULL, "fdopendir");
	while ((found = readdir(list)) != NULL)
		if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
			visit(context, folder, found->d_name);
	(void)closedir(list);
}

/* ------------------------------------------------------------------------------------------- save and restore */

static void save_one(void *context, int folder, const char *name)
{
	struct world *world = context;
	struct world_file *file = &world->files[world->file_count++];
	struct stat info;

	require(world->file_count <= WORLD_FILE_COUNT_MAX && strlen(name) < sizeof(file->name), "too many objects");
	require(fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0, name);
	*file = (struct world_file){.mode = info.st_mode & 07777u, .type = info.st_mode & S_IFMT};
	memcpy(file->name, name, strlen(name) + 1);
	if (file->type != S_IFREG)
		return;
	file->bytes = (uint32_t)info.st_size;
	file->contents = malloc(file->bytes + 1);
	const int object = openat(folder, name, O_RDONLY | O_CLOEXEC);
	require(file->contents && object >= 0 && pread(object, file->contents, file->bytes, 0) == (ssize_t)file->bytes,
		name);
	(void)close(object);
}

/* The folder of a domain that was killed before it had a name. */
static void save_unnamed(void *context, int above, const char *name)
{
	struct world *world = context;
	struct stat info;

	if (strncmp(name, TAKT_OS_NEW_PREFIX, strlen(TAKT_OS_NEW_PREFIX)) != 0)
		return;
	require(world->unnamed[0] == '\0' && strlen(name) < sizeof(world->unnamed), "more than one unnamed folder");
	require(fstatat(above, name, &info, AT_SYMLINK_NOFOLLOW) == 0, name);
	(void)snprintf(world->unnamed, sizeof(world->unnamed), "%s", name);
	world->unnamed_mode = info.st_mode & 07777u;
}

static void each_name_above(void (*visit)(void *context, int folder, const char *name), void *context)
{
	const int above = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	require(above >= 0, root);
	each_name(above, visit, context);
	(void)close(above);
}

void world_save(struct world *world)
{
	const int folder = open_folder();
	struct stat info;

	*world = (struct world){0};
	each_name_above(save_unnamed, world);
	if (folder < 0)
		return;
	require(fstat(folder, &info) == 0, "fstat");
	world->exists = 1;
	world->mode = info.st_mode & 07777u;
	each_name(folder, save_one, world);
	(void)close(folder);
}

void world_free(struct world *world)
{
	for (uint32_t i = 0; i < world->file_count; i++)
		free(world->files[i].contents);
	*world = (struct world){0};
}

static const struct world_file *find(const struct world *world, const char *name)
{
	for (uint32_t i = 0; i < world->file_count; i++)
		if (strcmp(world->files[i].name, name) == 0)
			return &world->files[i];
	return NULL;
}

static void remove_unknown(void *context, int folder, const char *name)
{
	if (find(context, name) == NULL)
		require(unlinkat(folder, name, 0) == 0, name);
}

static void restore_one(int folder, const struct world_file *file)
{
	struct stat info;
	int object = -1;
	int is_there = fstatat(folder, file->name, &info, AT_SYMLINK_NOFOLLOW) == 0;

	if (is_there && ((info.st_mode & S_IFMT) != file->type || (info.st_mode & 07777u) != file->mode ||
			 (file->type == S_IFREG && (uint32_t)info.st_size != file->bytes))) {
		require(unlinkat(folder, file->name, 0) == 0, file->name);
		is_there = 0;
	}
	/* A pipe, or a socket whose process is dead: nobody receives there. */
	if (file->type != S_IFREG) {
		if (!is_there)
			require(mknodat(folder, file->name, file->type | 0600, 0) == 0 &&
					fchmodat(folder, file->name, file->mode, 0) == 0,
				file->name);
		return;
	}
	object = openat(folder, file->name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	require(object >= 0 && (is_there || fchmod(object, file->mode) == 0), file->name);
	require(pwrite(object, file->contents, file->bytes, 0) == (ssize_t)file->bytes, file->name);
	(void)close(object);
}

static void remove_residue(void *context, int folder, const char *name)
{
	char path[PATH_BYTES];

	(void)context;
	(void)folder;
	if (is_stage(name) || strcmp(name, FOLDER) == 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/%.64s", root, name);
	(void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void world_restore(const struct world *world)
{
	char path[PATH_BYTES];
	int folder = open_folder();

	each_name_above(remove_residue, NULL);
	if (world->unnamed[0]) {
		(void)snprintf(path, sizeof(path), "%s/%s", root, world->unnamed);
		require(mkdir(path, 0700) == 0 && chmod(path, world->unnamed_mode) == 0, path);
	}
	(void)snprintf(path, sizeof(path), "%s/" FOLDER, root);
	if (!world->exists) {
		if (folder >= 0) {
			(void)close(folder);
			(void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
		}
		return;
	}
	if (folder < 0) {
		require(mkdir(path, 0700) == 0 && chmod(path, world->mode) == 0, path);
		folder = open_folder();
	}
	each_name(folder, remove_unknown, (void *)(uintptr_t)world);
	for (uint32_t i = 0; i < world->file_count; i++)
		restore_one(folder, &world->files[i]);
	(void)close(folder);
}

/* ------------------------------------------------------------------------------------------------------ watch */

static void forget_views(void)
{
	for (uint32_t i = 0; i < view_count; i++) {
		if (views[i].memory)
			(void)munmap(views[i].memory, views[i].bytes);
		free(views[i].copy);
	}
	view_count = 0;
}

static void view_one(void *context, int folder, const char *name)
{
	struct view *view = &views[view_count];
	struct stat info;

	(void)context;
	if (view_count == WORLD_FILE_COUNT_MAX || fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	*view = (struct view){.inode = info.st_ino};
	(void)snprintf(view->name, sizeof(view->name), "%.63s", name);
	if (S_ISREG(info.st_mode) && info.st_size > 0) {
		const int object = openat(folder, name, O_RDONLY | O_CLOEXEC);
		view->bytes = (uint32_t)info.st_size;
		view->memory = mmap(NULL, view->bytes, PROT_READ, MAP_SHARED, object, 0);
		require(object >= 0 && view->memory != MAP_FAILED, name);
		(void)close(object);
		view->copy = malloc(view->bytes);
		require(view->copy != NULL, name);
		memcpy(view->copy, view->memory, view->bytes);
	}
	view_count++;
}

void world_watch(void)
{
	const int folder = open_folder();

	forget_views();
	if (folder < 0)
		return;
	each_name(folder, view_one, NULL);
	(void)close(folder);
}

struct names {
	uint32_t count;
	uint32_t unknown;
};

static void compare_name(void *context, int folder, const char *name)
{
	struct names *names = context;
	struct stat info;

	names->count++;
	if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	for (uint32_t i = 0; i < view_count; i++)
		if (strcmp(views[i].name, name) == 0 && views[i].inode == info.st_ino)
			return;
	names->unknown++;
}

static int names_changed(void)
{
	struct names names = {0};
	const int folder = open_folder();

	if (folder >= 0) {
		each_name(folder, compare_name, &names);
		(void)close(folder);
	}
	return names.unknown != 0 || names.count != view_count;
}

int world_changed(int after_call)
{
	int is_changed = 0;

	if (after_call && names_changed()) {
		world_watch();
		return 1;
	}
	for (uint32_t i = 0; i < view_count; i++) {
		if (views[i].memory == NULL || memcmp(views[i].memory, views[i].copy, views[i].bytes) == 0)
			continue;
		memcpy(views[i].copy, views[i].memory, views[i].bytes);
		is_changed = 1;
	}
	return is_changed;
}

const void *world_object(const char *name)
{
	static void *memory;
	static size_t bytes;
	const int folder = open_folder();
	const int object = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_CLOEXEC);
	struct stat info;

	if (memory)
		(void)munmap(memory, bytes);
	require(object >= 0 && fstat(object, &info) == 0, name);
	bytes = (size_t)info.st_size;
	memory = mmap(NULL, bytes, PROT_READ, MAP_SHARED, object, 0);
	require(memory != MAP_FAILED, name);
	(void)close(object);
	(void)close(folder);
	return memory;
}

/* ---------------------------------------------------------------------------------------------------- compare */

struct comparison {
	const struct world *expected;
	uint32_t known_count, unknown_count;
};

static void compare_with_saved(void *context, int folder, const char *name)
{
	struct comparison *comparison = context;

	(void)folder;
	if (find(comparison->expected, name) != NULL) {
		comparison->known_count++;
		return;
	}
	comparison->unknown_count++;
	(void)printf("  in the folder and not expected: %s\n", name);
}

int world_has_same_names(const struct world *world)
{
	struct comparison comparison = {.expected = world};
	const int folder = open_folder();

	if (folder >= 0) {
		each_name(folder, compare_with_saved, &comparison);
		(void)close(folder);
	}
	return comparison.unknown_count == 0 && comparison.known_count == world->file_count;
}

static void count_residue(void *context, int folder, const char *name)
{
	struct residue *residue = context;

	(void)folder;
	if (is_stage(name) || (residue->allowed && strcmp(name, residue->allowed) == 0))
		return;
	(void)printf("  left behind: %s\n", name);
	residue->count++;
}

static uint32_t residue_but(const char *allowed)
{
	struct residue residue = {.allowed = allowed};

	each_name_above(count_residue, &residue);
	return residue.count;
}

uint32_t world_residue(void)
{
	return residue_but(NULL);
}

uint32_t world_residue_beside(void)
{
	return residue_but(FOLDER);
}
