/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/message.h"

/* What a new file and a new folder may be, before the umask: never writable for everybody. One that is replaced keeps its mode. */
#define NEW_FILE_MODE	0664
#define NEW_FOLDER_MODE 0775
/* What the name of a file beside may be longer than the file's. */
#define PATH_ROOM 24u

static enum takt_status refused(const char *path, const char *doing, int error)
{
	takt_message(TAKT_ERROR, "file %s: cannot %s: %s", path, doing, strerror(error));
	return takt_port_status(error) == TAKT_MISMATCH ? TAKT_SYSTEM : takt_port_status(error);
}

static int open_file(const char *path, int flags)
{
	int opened;

	do
		opened = open(path, flags | O_CLOEXEC | O_NOCTTY);
	while (opened < 0 && errno == EINTR);
	return opened;
}

/* Reads to the end, or until the buffer is full. Returns 0 or an errno. */
static int read_all(int descriptor, char *buffer, uint32_t bytes, uint32_t *count)
{
	uint32_t done = 0;

	while (done < bytes) {
		const ssize_t got = read(descriptor, buffer + done, bytes - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (got == 0)
			break;
		done += (uint32_t)got;
	}
	*count = done;
	return 0;
}

enum takt_status takt_os_file_read(const char *path, char *buffer, uint32_t bytes, uint32_t *count)
{
	int descriptor = open_file(path, O_RDONLY);
	uint32_t done = 0;
	int error;

	TAKT_ASSERT(bytes > 0);
	if (descriptor < 0)
		return errno == ENOENT || errno == ENOTDIR ? TAKT_ABSENT : refused(path, "open it", errno);
	error = read_all(descriptor, buffer, bytes, &done);
	takt_port_close(&descriptor);
	if (error != 0)
		return refused(path, "read it", error);
	if (done == bytes) {
		takt_message(TAKT_ERROR, "file %s: larger than the %" PRIu32 " bytes that are possible here", path,
			     bytes - 1);
		return TAKT_LIMIT;
	}
	buffer[done] = '\0';
	*count = done;
	return TAKT_OK;
}

/* Returns 0 or an errno. */
static int write_all(int descriptor, const char *text, uint32_t bytes)
{
	while (bytes > 0) {
		const ssize_t put = write(descriptor, text, bytes);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return errno;
		text += put;
		bytes -= (uint32_t)put;
	}
	return 0;
}

static void name_folder_of(const char *path, char folder[TAKT_OS_PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		(void)snprintf(folder, TAKT_OS_PATH_MAX, ".");
	else
		(void)snprintf(folder, TAKT_OS_PATH_MAX, "%.*s", (int)(slash - path) + 1, path);
}

/* The new contents in a file that has no name, or only `temporary`, on the disk. Returns 0 or an errno. */
static int fill(int descriptor, mode_t mode, const char *text, uint32_t bytes)
{
	/* Before the contents: who may not read the old file cannot read the new one while it is written. */
	int error = mode != 0 && fchmod(descriptor, mode) != 0 ? errno : 0;

	if (error == 0)
		error = write_all(descriptor, text, bytes);
	if (error == 0 && fsync(descriptor) != 0)
		error = errno;
	return error;
}

static int link_descriptor(int descriptor, const char *path)
{
	char link[32];

	/* A right that not everybody has; every process has the way by /proc, where there is one. */
	if (linkat(descriptor, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno == EEXIST)
		return EEXIST;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
	return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

/*
 * Gives the filled file its name. A link cannot replace a file, so it takes its place from beside it; what stands there was left by a
 * writer that was killed between these two calls, or is another's who writes at the same time and will find it gone.
 * Returns 0 or an errno; EAGAIN: another has taken ours away
 */
static int put_in_place(int descriptor, const char *path, const char *beside)
{
	int error = link_descriptor(descriptor, path);

	if (error != EEXIST)
		return error;
	for (unsigned tries = 0; tries < TAKT_PORT_RACE_TRIES && error == EEXIST; tries++) {
		(void)unlink(beside);
		error = link_descriptor(descriptor, beside);
	}
	if (error != 0 || rename(beside, path) == 0)
		return error;
	error = errno;
	(void)unlink(beside);
	return error == ENOENT ? EAGAIN : error;
}

/* Where the file system has files without a name: a kill leaves nothing, or a finished file beside that the next one removes.
 * Returns 0 or an errno; EOPNOTSUPP: it has none */
static int replace_from_nowhere(const char *path, mode_t mode, const char *text, uint32_t bytes)
{
	char folder[TAKT_OS_PATH_MAX];
	char beside[TAKT_OS_PATH_MAX + sizeof(".new")];
	int descriptor;
	int error;

	name_folder_of(path, folder);
	(void)snprintf(beside, sizeof(beside), "%s.new", path);
	do
		descriptor = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, NEW_FILE_MODE);
	while (descriptor < 0 && errno == EINTR);
	/* A kernel without it takes the flags for those of a folder. */
	if (descriptor < 0)
		return errno == EISDIR || errno == EINVAL ? EOPNOTSUPP : errno;
	error = fill(descriptor, mode, text, bytes);
	if (error == 0) {
		error = put_in_place(descriptor, path, beside);
		/* Neither the right nor a /proc. */
		if (error == ENOENT)
			error = EOPNOTSUPP;
	}
	takt_port_close(&descriptor);
	return error;
}

/* Else: under a name of this thread's own, which a kill leaves behind. Returns 0 or an errno. */
static int replace_from_beside(const char *path, mode_t mode, const char *text, uint32_t bytes)
{
	char beside[TAKT_OS_PATH_MAX + 32];
	int descriptor;
	int error;

	(void)snprintf(beside, sizeof(beside), "%s.new-%ld", path, (long)syscall(SYS_gettid));
	/* Left by a killed thread that had our number. */
	(void)unlink(beside);
	do
		descriptor = open(beside, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, NEW_FILE_MODE);
	while (descriptor < 0 && errno == EINTR);
	if (descriptor < 0)
		return errno;
	error = fill(descriptor, mode, text, bytes);
	takt_port_close(&descriptor);
	if (error == 0 && rename(beside, path) != 0)
		error = errno;
	if (error != 0)
		(void)unlink(beside);
	return error;
}

/* So that the new name survives a power cut too. A file system that cannot do it has done what it can. */
static void flush_folder_of(const char *path)
{
	char folder[TAKT_OS_PATH_MAX];
	int descriptor;

	name_folder_of(path, folder);
	descriptor = open_file(folder, O_RDONLY | O_DIRECTORY);
	if (descriptor >= 0)
		(void)fsync(descriptor);
	takt_port_close(&descriptor);
}

enum takt_status takt_os_file_replace(const char *path, const char *text, uint32_t bytes)
{
	struct stat old;
	mode_t mode = 0;
	int error = EAGAIN;

	if (strlen(path) + PATH_ROOM >= TAKT_OS_PATH_MAX)
		return refused(path, "write it", ENAMETOOLONG);
	if (stat(path, &old) == 0) {
		if (!S_ISREG(old.st_mode))
			return refused(path, "replace it", S_ISDIR(old.st_mode) ? EISDIR : EINVAL);
		mode = old.st_mode & 0777;
	}
	for (unsigned tries = 0; tries < TAKT_PORT_RACE_TRIES && error == EAGAIN; tries++)
		error = replace_from_nowhere(path, mode, text, bytes);
	/* No such files here; or others write it so busily that ours was taken away each time: a name of our own nobody takes. */
	if (error == EOPNOTSUPP || error == EAGAIN || error == EEXIST)
		error = replace_from_beside(path, mode, text, bytes);
	if (error != 0)
		return refused(path, "write it", error);
	flush_folder_of(path);
	return TAKT_OK;
}

FILE *takt_os_file_write(const char *path)
{
	FILE *file;
	int descriptor;

	do
		descriptor = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOCTTY, NEW_FILE_MODE);
	while (descriptor < 0 && errno == EINTR);
	if (descriptor < 0)
		return NULL;
	file = fdopen(descriptor, "w");
	if (file == NULL)
		takt_port_close(&descriptor);
	return file;
}

static int is_listed(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* By bytes, not by the person's language: the same order everywhere. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

enum takt_status takt_os_file_list(const char *path, void (*visit)(void *context, const char *name), void *context)
{
	struct dirent **entries;
	const int count = scandir(path, &entries, is_listed, compare_names);

	if (count < 0) {
		if (errno == ENOENT)
			return TAKT_ABSENT;
		(void)refused(path, "list it", errno);
		return TAKT_SYSTEM;
	}
	for (int i = 0; i < count; i++) {
		visit(context, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return TAKT_OK;
}

enum takt_status takt_os_file_make_folder(const char *path)
{
	struct stat found;

	if (mkdir(path, NEW_FOLDER_MODE) == 0)
		return TAKT_OK;
	if (errno != EEXIST || stat(path, &found) != 0)
		return refused(path, "make this folder", errno);
	return S_ISDIR(found.st_mode) ? TAKT_OK : refused(path, "make this folder", EEXIST);
}

enum takt_status takt_os_file_absolute(const char *path, char *absolute, uint32_t bytes)
{
	char *found = realpath(path, NULL);
	enum takt_status status = TAKT_OK;

	if (found == NULL)
		return errno == ENOENT ? TAKT_ABSENT : refused(path, "find it", errno);
	if (strlen(found) >= bytes)
		status = TAKT_LIMIT;
	else
		(void)snprintf(absolute, bytes, "%s", found);
	free(found);
	return status;
}

int takt_os_file_is_program(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && S_ISREG(found.st_mode) && access(path, X_OK) == 0;
}

int takt_os_output_is_terminal(void)
{
	return isatty(STDOUT_FILENO) == 1;
}

int takt_os_errors_are_terminal(void)
{
	return isatty(STDERR_FILENO) == 1;
}

uint32_t takt_os_terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}
