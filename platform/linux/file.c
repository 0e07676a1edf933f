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

/* What a new file may be, before the umask; one that is replaced keeps its mode. */
#define NEW_FILE_MODE 0666

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

/* The new contents under the temporary name, on the disk. Returns 0 or an errno; nothing is left behind by a failure. */
static int write_beside(const char *temporary, mode_t mode, const char *text, uint32_t bytes)
{
	int descriptor;
	int error;

	do
		descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, NEW_FILE_MODE);
	while (descriptor < 0 && errno == EINTR);
	if (descriptor < 0)
		return errno;
	error = write_all(descriptor, text, bytes);
	if (error == 0 && mode != 0 && fchmod(descriptor, mode) != 0)
		error = errno;
	if (error == 0 && fsync(descriptor) != 0)
		error = errno;
	takt_port_close(&descriptor);
	if (error != 0)
		(void)unlink(temporary);
	return error;
}

/* So that the new name survives a power cut too. A file system that cannot do it has done what it can. */
static void flush_folder_of(const char *path)
{
	char folder[TAKT_OS_PATH_MAX];
	const char *slash = strrchr(path, '/');
	int descriptor;

	if (slash == NULL)
		(void)snprintf(folder, sizeof(folder), ".");
	else
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path) + 1, path);
	descriptor = open_file(folder, O_RDONLY | O_DIRECTORY);
	if (descriptor >= 0)
		(void)fsync(descriptor);
	takt_port_close(&descriptor);
}

enum takt_status takt_os_file_replace(const char *path, const char *text, uint32_t bytes)
{
	char temporary[TAKT_OS_PATH_MAX];
	struct stat old;
	mode_t mode = 0;
	int error;

	if (snprintf(temporary, sizeof(temporary), "%s.new-%ld", path, (long)syscall(SYS_gettid)) >=
	    (int)sizeof(temporary))
		return refused(path, "write it", ENAMETOOLONG);
	if (stat(path, &old) == 0) {
		if (!S_ISREG(old.st_mode))
			return refused(path, "replace it", S_ISDIR(old.st_mode) ? EISDIR : EINVAL);
		mode = old.st_mode & 0777;
	}
	/* Left by a killed thread that had our number. */
	(void)unlink(temporary);
	error = write_beside(temporary, mode, text, bytes);
	if (error == 0 && rename(temporary, path) != 0) {
		error = errno;
		(void)unlink(temporary);
	}
	if (error != 0)
		return refused(path, "write it", error);
	flush_folder_of(path);
	return TAKT_OK;
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

	if (mkdir(path, 0777) == 0)
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
