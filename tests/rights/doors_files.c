/* SPDX-License-Identifier: Apache-2.0 */
/* Through the file and its name. */
#include "tests/rights/doors.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PATH_BYTES 512

/* An open that must fail. */
static int opened(int descriptor)
{
	if (descriptor < 0)
		return errno;
	(void)close(descriptor);
	return 0;
}

static int done(long result)
{
	return result < 0 ? errno : 0;
}

static int open_both_ways(const struct target *target)
{
	return opened(open(target->path, O_RDWR | O_CLOEXEC));
}

static int open_to_write(const struct target *target)
{
	return opened(open(target->path, O_WRONLY | O_CLOEXEC));
}

static int open_and_empty(const struct target *target)
{
	return opened(open(target->path, O_RDONLY | O_TRUNC | O_CLOEXEC));
}

static int open_to_append(const struct target *target)
{
	return opened(open(target->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
}

static int reopen(const struct target *target)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", target->descriptor);
	return opened(open(path, O_RDWR | O_CLOEXEC));
}

/* What was opened for nothing but its path, opened again for more. */
static int reopen_path(const struct target *target)
{
	char path[64];
	int pin = open(target->path, O_PATH | O_CLOEXEC);
	int result;

	if (pin < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", pin);
	result = opened(open(path, O_RDWR | O_CLOEXEC));
	(void)close(pin);
	return result;
}

static int shorten(const struct target *target)
{
	return done(truncate(target->path, 0));
}

static int shorten_open(const struct target *target)
{
	return done(ftruncate(target->descriptor, 0));
}

static int punch_hole(const struct target *target)
{
	return done(fallocate(target->descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)target->bytes));
}

static int write_zeroes(const struct target *target)
{
	return done(fallocate(target->descriptor, FALLOC_FL_ZERO_RANGE, 0, (off_t)target->bytes));
}

static int lengthen(const struct target *target)
{
	return done(posix_fallocate(target->descriptor, 0, (off_t)target->bytes * 2) == 0 ? 0 : (errno = EBADF, -1));
}

static int write_plainly(const struct target *target)
{
	return done(pwrite(target->descriptor, "x", 1, 0));
}

static int write_gathered(const struct target *target)
{
	char byte = 'x';
	const struct iovec piece = {&byte, 1};

	return done(pwritev(target->descriptor, &piece, 1, 0));
}

/* A file of this user's own with something in it. */
static int own_file(void)
{
	int file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (file >= 0 && (write(file, "0123456789", 10) != 10 || lseek(file, 0, SEEK_SET) != 0)) {
		(void)close(file);
		return -1;
	}
	return file;
}

static int send_file(const struct target *target)
{
	int file = own_file();
	int result = file < 0 ? DOOR_ABSENT : done(sendfile(target->descriptor, file, NULL, 10));

	(void)close(file);
	return result;
}

static int copy_range(const struct target *target)
{
	int file = own_file();
	int result = file < 0 ? DOOR_ABSENT : done(copy_file_range(file, NULL, target->descriptor, NULL, 10, 0));

	(void)close(file);
	return result;
}

static int splice_into(const struct target *target)
{
	int ends[2];
	int result;
	loff_t offset = 0;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return DOOR_ABSENT;
	result = write(ends[1], "0123456789", 10) == 10
			 ? done(splice(ends[0], NULL, target->descriptor, &offset, 10, 0))
			 : DOOR_ABSENT;
	(void)close(ends[0]);
	(void)close(ends[1]);
	return result;
}

static int remove_name(const struct target *target)
{
	return done(unlink(target->path));
}

static int rename_away(const struct target *target)
{
	char other[PATH_BYTES];

	(void)snprintf(other, sizeof(other), "%s/elsewhere", target->folder);
	return done(rename(target->path, other));
}

/* A file of one's own in the object's place. */
static int rename_over(const struct target *target)
{
	char own[PATH_BYTES];
	int result;
	int file;

	(void)snprintf(own, sizeof(own), "%s/reply.own", target->folder);
	file = open(own, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (file < 0)
		return errno;
	(void)close(file);
	result = done(rename(own, target->path));
	(void)unlink(own);
	return result;
}

static int exchange_names(const struct target *target)
{
	char own[PATH_BYTES];
	int result;
	int file;

	(void)snprintf(own, sizeof(own), "%s/reply.own", target->folder);
	file = open(own, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (file < 0)
		return errno;
	(void)close(file);
	result = done(renameat2(AT_FDCWD, own, AT_FDCWD, target->path, RENAME_EXCHANGE));
	(void)unlink(own);
	return result;
}

static int link_over(const struct target *target)
{
	char path[64];
	int file = open(target->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int result;

	if (file < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	result = done(linkat(AT_FDCWD, path, AT_FDCWD, target->path, AT_SYMLINK_FOLLOW));
	(void)close(file);
	return result;
}

static int link_symbolically(const struct target *target)
{
	return done(symlink("/etc/passwd", target->path));
}

static int move_folder(const struct target *target)
{
	char other[PATH_BYTES];

	(void)snprintf(other, sizeof(other), "%s-moved", target->folder);
	return done(rename(target->folder, other));
}

static int change_mode(const struct target *target)
{
	return done(chmod(target->path, 0666));
}

static int change_mode_open(const struct target *target)
{
	return done(fchmod(target->descriptor, 0666));
}

static int change_owner(const struct target *target)
{
	return done(chown(target->path, geteuid(), (gid_t)-1));
}

static int change_group(const struct target *target)
{
	return done(fchown(target->descriptor, (uid_t)-1, getegid()));
}

static int change_folder(const struct target *target)
{
	return done(chmod(target->folder, 0777));
}

static int change_times(const struct target *target)
{
	const struct timespec times[2] = {{1, 0}, {1, 0}};

	return done(utimensat(AT_FDCWD, target->path, times, 0));
}

static int set_attribute(const struct target *target)
{
	return done(setxattr(target->path, "user.takt", "x", 1, 0));
}

static int take_lease(const struct target *target)
{
	return done(fcntl(target->descriptor, F_SETLEASE, F_WRLCK));
}

static int take_read_lease(const struct target *target)
{
	return done(fcntl(target->descriptor, F_SETLEASE, F_RDLCK));
}

static int seal(const struct target *target)
{
	return done(fcntl(target->descriptor, F_ADD_SEALS, F_SEAL_WRITE));
}

static int lock_to_write(const struct target *target)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

	return done(fcntl(target->descriptor, F_OFD_SETLK, &lock));
}

/* Byte 0 of live.T: the right to publish T. For a lock one needs the file open, and for a write lock open to write. */
static int open_right(const struct target *target, int flags)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/live.%s", target->folder, target->name + strlen("topic."));
	return opened(open(path, flags | O_CLOEXEC));
}

static int take_right(const struct target *target)
{
	return open_right(target, O_RDWR);
}

/* A read lock would keep the publisher out. */
static int block_right(const struct target *target)
{
	return open_right(target, O_RDONLY);
}

const struct door doors_of_files[] = {
	{"open for reading and writing", open_both_ways, {EACCES}},
	{"open for writing", open_to_write, {EACCES}},
	{"open and empty", open_and_empty, {EACCES}},
	{"open to append or create", open_to_append, {EACCES}},
	{"reopen through /proc/self/fd", reopen, {EACCES}},
	{"reopen an O_PATH descriptor", reopen_path, {EACCES}},
	{"truncate", shorten, {EACCES}},
	{"ftruncate", shorten_open, {EINVAL, EBADF}},
	{"punch a hole", punch_hole, {EBADF}},
	{"zero a range", write_zeroes, {EBADF}},
	{"lengthen", lengthen, {EBADF}},
	{"pwrite", write_plainly, {EBADF}},
	{"pwritev", write_gathered, {EBADF}},
	{"sendfile", send_file, {EBADF}},
	{"copy_file_range", copy_range, {EBADF}},
	{"splice", splice_into, {EBADF}},
	{"unlink", remove_name, {EPERM, EACCES}},
	{"rename away", rename_away, {EPERM, EACCES}},
	{"rename over it", rename_over, {EPERM, EACCES}},
	{"exchange names", exchange_names, {EPERM, EACCES}},
	{"link over it", link_over, {EEXIST, EACCES}},
	{"symbolic link over it", link_symbolically, {EEXIST}},
	{"rename the domain's folder", move_folder, {EPERM, EACCES}},
	{"chmod", change_mode, {EPERM}},
	{"fchmod", change_mode_open, {EPERM}},
	{"chown", change_owner, {EPERM}},
	{"change the group", change_group, {EPERM}},
	{"chmod of the folder", change_folder, {EPERM}},
	{"utimensat", change_times, {EPERM, EACCES}},
	{"setxattr", set_attribute, {EACCES, EPERM, EOPNOTSUPP}},
	{"a write lease", take_lease, {EACCES, EAGAIN}},
	{"a read lease", take_read_lease, {EACCES}},
	{"a seal", seal, {EPERM, EINVAL}},
	{"a write lock on the topic", lock_to_write, {EBADF}},
	{"take the right to publish", take_right, {EACCES}},
	{"block the right to publish", block_right, {EACCES}},
	{NULL, NULL, {0}},
};
