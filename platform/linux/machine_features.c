/* SPDX-License-Identifier: Apache-2.0 */
/* Every feature that the Linux port needs or degrades without (the tables of platform/README.md), tried as the port uses it. */
#include "platform/linux/port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/machine.h"

#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MCL_ONFAULT
#define MCL_ONFAULT 4
#endif
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#endif

#define PAGE_BYTES 4096

/* Where files are tried: a folder of this process's own, in the shared-memory folder. -1: none could be made. */
struct place {
	int folder;
	char path[TAKT_OS_PATH_MAX];
};

/* 1 there, 0 missing, -1 cannot be told. */
static int told_by(int worked, int missing_error)
{
	return worked ? 1 : errno == missing_error ? 0 : -1;
}

static int make_file(const struct place *place, const char *name)
{
	return place->folder < 0
		       ? -1
		       : openat(place->folder, name, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int try_ofd_locks(const struct place *place)
{
	struct flock lock;
	int file = make_file(place, "lock");
	int result;

	if (file < 0)
		return -1;
	memset(&lock, 0, sizeof(lock));
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	lock.l_start = (off_t)1 << 61;
	lock.l_len = 1;
	result = told_by(fcntl(file, F_OFD_SETLK, &lock) == 0 && fcntl(file, F_OFD_GETLK, &lock) == 0, EINVAL);
	takt_port_close(&file);
	return result;
}

static int try_random(const struct place *place)
{
	uint64_t number;

	(void)place;
	return told_by(syscall(SYS_getrandom, &number, sizeof(number), 0) == sizeof(number), ENOSYS);
}

static int try_rename(const struct place *place)
{
	int file = make_file(place, "before");

	if (file < 0)
		return -1;
	takt_port_close(&file);
	/* A file system without it says EINVAL, a kernel without it ENOSYS: missing either way. */
	if (syscall(SYS_renameat2, place->folder, "before", place->folder, "after", RENAME_NOREPLACE) == 0)
		return 1;
	return errno == EINVAL || errno == ENOSYS ? 0 : -1;
}

static int try_reserve(const struct place *place)
{
	int file = make_file(place, "reserved");
	int error;

	if (file < 0)
		return -1;
	error = posix_fallocate(file, 0, PAGE_BYTES);
	takt_port_close(&file);
	return error == 0 ? 1 : error == EOPNOTSUPP || error == EINVAL || error == ENOSYS ? 0 : -1;
}

static int try_fifo(const struct place *place)
{
	int pipe;

	if (place->folder < 0 || mkfifoat(place->folder, "pipe", 0600) != 0)
		return -1;
	pipe = openat(place->folder, "pipe", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (pipe < 0)
		return told_by(0, ENXIO);
	takt_port_close(&pipe);
	return 1;
}

/* A time that is past: a kernel that knows the call says ETIMEDOUT at once. */
static int try_futex(const struct place *place)
{
	uint32_t word = 0;
#if defined(SYS_futex_time64)
	const int64_t past[2] = {0, 1};
	const long result = syscall(SYS_futex_time64, &word, FUTEX_WAIT_BITSET, 0, past, NULL, FUTEX_BITSET_MATCH_ANY);
#else
	const long past[2] = {0, 1};
	const long result = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, past, NULL, FUTEX_BITSET_MATCH_ANY);
#endif

	(void)place;
	return result == -1 && errno == ETIMEDOUT ? 1 : result == -1 && errno == ENOSYS ? 0 : -1;
}

static int try_sleep(const struct place *place)
{
	const struct timespec past = {0, 1};

	(void)place;
	errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL);
	return told_by(errno == 0, EINVAL);
}

static int link_by_proc(int file, const struct place *place)
{
	char link[32];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
	return linkat(AT_FDCWD, link, place->folder, "linked", AT_SYMLINK_FOLLOW) == 0;
}

static int try_nameless(const struct place *place)
{
	int file, result;

	if (place->folder < 0)
		return -1;
	file = openat(place->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (file < 0)
		return errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL ? 0 : -1;
	result = linkat(file, "", place->folder, "linked", AT_EMPTY_PATH) == 0 || link_by_proc(file, place);
	takt_port_close(&file);
	return result;
}

static int try_proc(const struct place *place)
{
	(void)place;
	return told_by(access("/proc/self/exe", F_OK) == 0, ENOENT);
}

static int try_populate(const struct place *place)
{
	void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int result;

	(void)place;
	if (page == MAP_FAILED)
		return -1;
	result = told_by(madvise(page, PAGE_BYTES, MADV_POPULATE_WRITE) == 0, EINVAL);
	(void)munmap(page, PAGE_BYTES);
	return result;
}

/* What is mapped later, and given back at once: EPERM tells nothing about the kernel. By number: sanitizers make nothing of the calls. */
static int try_lock_on_fault(const struct place *place)
{
	int result;

	(void)place;
	result = told_by(syscall(SYS_mlockall, MCL_FUTURE | MCL_ONFAULT) == 0, EINVAL);
	(void)syscall(SYS_munlockall);
	return result;
}

static int try_pidfd(const struct place *place)
{
	(void)place;
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)
	int process = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int result;

	if (process < 0)
		return told_by(0, ENOSYS);
	result = told_by(syscall(SYS_pidfd_send_signal, process, 0, NULL, 0) == 0, ENOSYS);
	takt_port_close(&process);
	return result;
#else
	return 0;
#endif
}

static const struct {
	struct takt_os_feature feature;
	int (*try)(const struct place *place);
} all[] = {
	{{.name = "OFD locks", .since = "Linux 3.15", .is_needed = 1, .without = "nobody can tell who lives"},
	 try_ofd_locks},
	{{.name = "getrandom", .since = "Linux 3.17", .is_needed = 1, .without = "no token can be drawn"}, try_random},
	{{.name = "renameat2 NOREPLACE",
	  .since = "Linux 3.17, on tmpfs",
	  .is_needed = 1,
	  .without = "a domain's folder cannot appear whole"},
	 try_rename},
	{{.name = "posix_fallocate",
	  .since = "Linux 3.5, on tmpfs",
	  .is_needed = 1,
	  .without = "memory cannot be reserved"},
	 try_reserve},
	{{.name = "read-write named pipes", .since = "Linux", .is_needed = 1, .without = "no node can take commands"},
	 try_fifo},
	{{.name = "futex with absolute time", .since = "Linux 2.6.25", .is_needed = 1, .without = "nobody can sleep"},
	 try_futex},
	{{.name = "clock_nanosleep, absolute",
	  .since = "POSIX",
	  .is_needed = 1,
	  .without = "no loop can keep its beat"},
	 try_sleep},
	{{.name = "O_TMPFILE and linking it",
	  .since = "Linux 3.11, on tmpfs",
	  .without = "a kill while objects are made can leave a file behind, which `takt clean` removes"},
	 try_nameless},
	{{.name = "/proc", .since = "mounted", .without = "messages call folders \"?\""}, try_proc},
	{{.name = "MADV_POPULATE_WRITE",
	  .since = "Linux 5.14",
	  .without = "start-up touches each page, which is slower"},
	 try_populate},
	{{.name = "MCL_ONFAULT", .since = "Linux 4.4", .without = "memory that is mapped later is not locked"},
	 try_lock_on_fault},
	{{.name = "pidfd",
	  .since = "Linux 5.3",
	  .without = "`takt run` asks now and then whether a node ended, and restarts it later"},
	 try_pidfd},
};

_Static_assert(sizeof(all) / sizeof(all[0]) <= TAKT_OS_MACHINE_FEATURES, "the table has room for all features");

static void make_place(struct place *place)
{
	place->folder = -1;
	(void)snprintf(place->path, sizeof(place->path), "%.400s/takt-doctor.XXXXXX", takt_os_folder_root());
	if (mkdtemp(place->path) != NULL)
		place->folder = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	else
		place->path[0] = '\0';
}

static void remove_place(struct place *place)
{
	static const char *const names[] = {"lock", "before", "after", "reserved", "pipe", "linked"};

	for (unsigned i = 0; place->folder >= 0 && i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(place->folder, names[i], 0);
	takt_port_close(&place->folder);
	if (place->path[0] != '\0')
		(void)rmdir(place->path);
}

uint32_t takt_os_machine_try_features(struct takt_os_feature features[TAKT_OS_MACHINE_FEATURES])
{
	struct place place;
	uint32_t count = 0;

	make_place(&place);
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const int result = all[i].try(&place);

		features[count] = all[i].feature;
		features[count++].state = result > 0	? TAKT_OS_FEATURE_THERE
					  : result == 0 ? TAKT_OS_FEATURE_MISSING
							: TAKT_OS_FEATURE_UNKNOWN;
	}
	remove_place(&place);
	return count;
}
