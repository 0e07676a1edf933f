/* SPDX-License-Identifier: Apache-2.0 */
/* Through namespaces, handles, fault handlers and rings: what kernels offer beside files and mappings. */
#include "tests/rights/doors.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int done(long result)
{
	return result < 0 ? errno : 0;
}

/* Being root in a user namespace of one's own is being nobody to files of others. */
static int be_root_in_a_namespace(const struct target *target)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
			_exit(255);
		int file = open(target->path, O_RDWR | O_CLOEXEC);
		if (file >= 0 || chmod(target->path, 0666) == 0 || chown(target->path, 0, 0) == 0)
			_exit(0);
		_exit(EACCES);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) == 255)
		return DOOR_ABSENT;
	return WEXITSTATUS(status);
}

static int mount_over(const struct target *target)
{
	return done(mount("/tmp", target->folder, NULL, MS_BIND, NULL));
}

static int open_by_handle(const struct target *target)
{
	union {
		struct file_handle handle;
		unsigned char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} known = {.handle = {.handle_bytes = MAX_HANDLE_SZ}};
	int mount_id;
	int folder = open(target->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (folder < 0)
		return errno;
	if (name_to_handle_at(folder, target->name, &known.handle, &mount_id, 0) != 0)
		result = errno == EOPNOTSUPP || errno == ENOSYS ? DOOR_ABSENT : errno;
	else
		result = done(open_by_handle_at(folder, &known.handle, O_RDWR));
	(void)close(folder);
	return result;
}

/* Fills pages behind the file's back, were the mapping one that may be written. */
static int handle_faults(const struct target *target)
{
#if defined(SYS_userfaultfd) && defined(UFFD_USER_MODE_ONLY)
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register wanted = {.range = {(uintptr_t)target->address, target->bytes & ~UINT64_C(4095)},
					 .mode = UFFDIO_REGISTER_MODE_MISSING};
	long handler = syscall(SYS_userfaultfd, (long)(O_CLOEXEC | UFFD_USER_MODE_ONLY));
	int result;

	if (handler < 0 || wanted.range.len == 0)
		return DOOR_ABSENT;
	result = ioctl((int)handler, UFFDIO_API, &api) != 0 ? DOOR_ABSENT
							    : done(ioctl((int)handler, UFFDIO_REGISTER, &wanted));
	(void)close((int)handler);
	return result;
#else
	(void)target;
	return DOOR_ABSENT;
#endif
}

#ifdef SYS_io_uring_setup
/* One operation through a ring. Its result as an errno; 0: it was done. */
static int run_in_ring(const struct io_uring_sqe *operation)
{
	struct io_uring_params params = {0};
	int ring = (int)syscall(SYS_io_uring_setup, 1L, &params);
	size_t entries_bytes = sizeof(struct io_uring_sqe);
	int result = DOOR_ABSENT;

	if (ring < 0)
		return DOOR_ABSENT;
	size_t queue_bytes = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
	size_t events_bytes = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	unsigned char *queue = mmap(NULL, queue_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	unsigned char *events = mmap(NULL, events_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
	struct io_uring_sqe *entry =
		mmap(NULL, entries_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	if (queue != MAP_FAILED && events != MAP_FAILED && entry != MAP_FAILED) {
		*entry = *operation;
		((uint32_t *)(void *)(queue + params.sq_off.array))[0] = 0;
		/* The system call that follows orders it. */
		*(volatile uint32_t *)(void *)(queue + params.sq_off.tail) = 1;
		if (syscall(SYS_io_uring_enter, (long)ring, 1L, 1L, (long)IORING_ENTER_GETEVENTS, NULL, 0L) == 1) {
			const struct io_uring_cqe *event = (const void *)(events + params.cq_off.cqes);

			result = event->res < 0 ? -event->res : 0;
		}
	}
	(void)close(ring);
	return result;
}
#endif

static int write_in_ring(const struct target *target)
{
#ifdef SYS_io_uring_setup
	const struct io_uring_sqe operation = {.opcode = IORING_OP_WRITE,
					       .fd = target->descriptor,
					       .addr = (uintptr_t) "xxxxxxxx",
					       .len = 8};

	return run_in_ring(&operation);
#else
	(void)target;
	return DOOR_ABSENT;
#endif
}

static int open_in_ring(const struct target *target)
{
#ifdef SYS_io_uring_setup
	const struct io_uring_sqe operation = {.opcode = IORING_OP_OPENAT,
					       .fd = AT_FDCWD,
					       .addr = (uintptr_t)target->path,
					       .open_flags = O_RDWR};

	return run_in_ring(&operation);
#else
	(void)target;
	return DOOR_ABSENT;
#endif
}

/* The ring reads a file into the mapping. */
static int read_in_ring(const struct target *target)
{
#ifdef SYS_io_uring_setup
	int zeroes = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	const struct io_uring_sqe operation = {.opcode = IORING_OP_READ,
					       .fd = zeroes,
					       .addr = (uintptr_t)target->address,
					       .len = 64};
	int result = run_in_ring(&operation);

	(void)close(zeroes);
	return result;
#else
	(void)target;
	return DOOR_ABSENT;
#endif
}

const struct door doors_of_kernels[] = {
	{"root of a user namespace", be_root_in_a_namespace, {EACCES}},
	{"mount over the folder", mount_over, {EPERM}},
	{"open_by_handle_at", open_by_handle, {EPERM, EACCES}},
	{"userfaultfd", handle_faults, {EPERM, EINVAL}},
	{"io_uring: write", write_in_ring, {EBADF}},
	{"io_uring: open for writing", open_in_ring, {EACCES}},
	{"io_uring: read into the mapping", read_in_ring, {EFAULT}},
	{NULL, NULL, {0}},
};
