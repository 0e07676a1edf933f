/* SPDX-License-Identifier: Apache-2.0 */
/* The shared-memory folder, and what takes away what lies in it. */
#include "platform/linux/port.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "platform/linux/machine_read.h"
#include "platform/machine.h"

#define TMPFS_NUMBER	 0x01021994
#define RAMFS_NUMBER	 0x858458f6
#define SYSTEM_USERS_MAX 999 /* systemd's default, and Debian's */
#define DROP_INS_MAX	 64
#define DROP_IN_NAME_MAX 128

/* --------------------------------------------------------------------------------------------------------- folder */

/* The mount that holds a path is the longest one that begins it; of equal ones the last covers the others. */
static void find_mount(struct takt_os_sharing *sharing, const char *root)
{
	char line[4 * TAKT_OS_PATH_MAX];
	char path[TAKT_OS_PATH_MAX];
	char *real = realpath(sharing->folder, NULL);
	size_t longest = 0;
	FILE *file = takt_port_machine_open(root, "/proc/self/mounts");

	(void)snprintf(path, sizeof(path), "%s", real != NULL ? real : sharing->folder);
	free(real);
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		char where[TAKT_OS_PATH_MAX], type[64], options[2 * TAKT_OS_MACHINE_TEXT];
		size_t length;

		if (sscanf(line, "%*s %511s %63s %191s", where, type, options) != 3)
			continue;
		length = strcmp(where, "/") == 0 ? 0 : strlen(where);
		if (strncmp(where, path, length) != 0 || (path[length] != '/' && path[length] != '\0') ||
		    length < longest)
			continue;
		longest = length;
		(void)snprintf(sharing->mount, sizeof(sharing->mount), "%s", where);
		(void)snprintf(sharing->file_system, sizeof(sharing->file_system), "%s", type);
		(void)snprintf(sharing->options, sizeof(sharing->options), "%s", options);
	}
	if (file != NULL)
		(void)fclose(file);
}

static void look_folder(struct takt_os_sharing *sharing, const char *root)
{
	struct statfs kind;
	struct statvfs space;
	struct stat found;

	(void)snprintf(sharing->folder, sizeof(sharing->folder), "%s", takt_os_folder_root());
	sharing->free_names = UINT64_MAX;
	if (stat(sharing->folder, &found) != 0 || !S_ISDIR(found.st_mode))
		return;
	sharing->is_there = 1;
	sharing->may_make = access(sharing->folder, W_OK | X_OK) == 0;
	find_mount(sharing, root);
	if (statfs(sharing->folder, &kind) == 0)
		sharing->is_memory =
			(unsigned long)kind.f_type == TMPFS_NUMBER || (unsigned long)kind.f_type == RAMFS_NUMBER;
	if (statvfs(sharing->folder, &space) != 0)
		return;
	sharing->free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
	sharing->total_bytes = (uint64_t)space.f_blocks * space.f_frsize;
	if (space.f_files != 0)
		sharing->free_names = space.f_ffree;
}

/* ---------------------------------------------------------------------------------------------------------- logind */

/* The later a folder, the weaker: a file hides those of its name in later ones. */
static const char *const folders[] = {"/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"};
#define FOLDER_COUNT (sizeof(folders) / sizeof(folders[0]))

static int is_yes(const char *word)
{
	return strcasecmp(word, "yes") == 0 || strcasecmp(word, "true") == 0 || strcasecmp(word, "on") == 0 ||
	       strcmp(word, "1") == 0;
}

/* What one file says of RemoveIPC, if anything: its last word counts. @retval 1 there is such a file */
static int read_file(struct takt_os_sharing *sharing, const char *root, const char *path)
{
	char line[512];
	FILE *file = takt_port_machine_open(root, path);

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		char value[32];

		if (sscanf(line, " RemoveIPC = %31s", value) != 1)
			continue;
		sharing->removes_ipc = is_yes(value);
		(void)snprintf(sharing->removes_file, sizeof(sharing->removes_file), "%s", path);
	}
	(void)fclose(file);
	return 1;
}

struct drop_ins {
	char names[DROP_INS_MAX][DROP_IN_NAME_MAX];
	uint32_t count;
};

static void add_drop_in(struct drop_ins *drop_ins, const char *name)
{
	const size_t length = strlen(name);

	if (length < 5 || length >= DROP_IN_NAME_MAX || strcmp(name + length - 5, ".conf") != 0 ||
	    drop_ins->count == DROP_INS_MAX)
		return;
	for (uint32_t i = 0; i < drop_ins->count; i++)
		if (strcmp(drop_ins->names[i], name) == 0)
			return;
	memcpy(drop_ins->names[drop_ins->count++], name, length + 1);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void list_drop_ins(struct drop_ins *drop_ins, const char *root)
{
	char path[2 * TAKT_OS_PATH_MAX];

	drop_ins->count = 0;
	for (unsigned i = 0; i < FOLDER_COUNT; i++) {
		const struct dirent *entry;
		DIR *folder;

		(void)snprintf(path, sizeof(path), "%s%s/logind.conf.d", root, folders[i]);
		folder = opendir(path);
		while (folder != NULL && (entry = readdir(folder)) != NULL)
			add_drop_in(drop_ins, entry->d_name);
		if (folder != NULL)
			(void)closedir(folder);
	}
	qsort(drop_ins->names, drop_ins->count, DROP_IN_NAME_MAX, compare_names);
}

/* As systemd reads it: the main file, then all drop-ins in the order of their names, wherever they lie. */
static void look_logind(struct takt_os_sharing *sharing, const char *root)
{
	struct drop_ins drop_ins;
	char path[TAKT_OS_PATH_MAX];
	FILE *running = takt_port_machine_open(root, "/run/systemd/system");

	sharing->removes_ipc = -1;
	sharing->system_user_max = SYSTEM_USERS_MAX;
	if (running == NULL)
		return;
	(void)fclose(running);
	sharing->removes_ipc = 1;
	for (unsigned i = 0; i < FOLDER_COUNT; i++) {
		(void)snprintf(path, sizeof(path), "%s/logind.conf", folders[i]);
		if (read_file(sharing, root, path))
			break;
	}
	list_drop_ins(&drop_ins, root);
	for (uint32_t k = 0; k < drop_ins.count; k++) {
		for (unsigned i = 0; i < FOLDER_COUNT; i++) {
			(void)snprintf(path, sizeof(path), "%s/logind.conf.d/%s", folders[i], drop_ins.names[k]);
			if (read_file(sharing, root, path))
				break;
		}
	}
}

void takt_os_machine_look_sharing(struct takt_os_sharing *sharing, const char *root)
{
	*sharing = (struct takt_os_sharing){.removes_ipc = -1};
	look_folder(sharing, root);
	look_logind(sharing, root);
}
