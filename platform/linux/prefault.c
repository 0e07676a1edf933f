/* SPDX-License-Identifier: Apache-2.0 */
/* The part of shm.h that brings a mapping's pages in before real time begins. */
#include "platform/linux/port.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "platform/message.h"
#include "platform/shm.h"

/* Linux 5.14; older headers lack them, and older kernels say EINVAL. */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Adds 0 to one word of each page: the page becomes writable in this process's page table, and what others write at the same
 * time is not touched. On ARM a page that was only read faults once more at its first write. The 0 is hidden from the compiler: clang
 * makes an addition of a constant 0 a mere load. */
static void touch_for_writing(unsigned char *address, size_t bytes, size_t page_bytes)
{
	volatile uint32_t zero = 0;

	for (size_t offset = 0; offset < bytes; offset += page_bytes)
		/* Relaxed: nothing is published, the fault is the purpose. */
		(void)atomic_fetch_add_explicit((_Atomic uint32_t *)(void *)(address + offset), zero,
						memory_order_relaxed);
}

static void touch_for_reading(const unsigned char *address, size_t bytes, size_t page_bytes)
{
	for (size_t offset = 0; offset < bytes; offset += page_bytes)
		/* Relaxed: the value is thrown away, the fault is the purpose. */
		(void)atomic_load_explicit((const _Atomic uint8_t *)(const void *)(address + offset),
					   memory_order_relaxed);
}

/* Touches what a peer may have cut off meanwhile only as far as it exists: beyond it is SIGBUS. */
static enum takt_status touch(const struct takt_os_shm *shm, int writable, const char *name)
{
	const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	struct stat found;

	if (fstat(shm->descriptor, &found) != 0 || (uint64_t)found.st_size < shm->bytes) {
		takt_message(TAKT_ERROR,
			     "shared memory '%s': it became shorter than the %" PRIu64 " bytes that were mapped", name,
			     shm->bytes);
		return TAKT_SYSTEM;
	}
	if (writable)
		touch_for_writing(shm->address, (size_t)shm->bytes, page_bytes);
	else
		touch_for_reading(shm->address, (size_t)shm->bytes, page_bytes);
	return TAKT_OK;
}

static enum takt_status populate(const struct takt_os_shm *shm, const char *name)
{
	const int flags = fcntl(shm->descriptor, F_GETFL);
	const int writable = flags >= 0 && (flags & O_ACCMODE) == O_RDWR;
	int result;

	do
		result = madvise(shm->address, (size_t)shm->bytes, writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
	while (result != 0 && errno == EINTR);
	if (result == 0 && !writable)
		return TAKT_OK;
	/* Present is not enough for writing. The system takes a page that this process has read already (its head was checked, and its
	 * neighbours came along) for done; where the processor sets no dirty bit itself, on ARM before v8.1 for instance, its first write
	 * faults all the same. */
	if (result == 0)
		return touch(shm, writable, name);
	if (errno == ENOMEM || errno == EFAULT || errno == EHWPOISON) {
		const int error = errno;

		takt_message(TAKT_ERROR, "shared memory '%s': cannot bring its %" PRIu64 " bytes into memory: %s", name,
			     shm->bytes, strerror(error));
		return error == ENOMEM ? TAKT_NO_SPACE : TAKT_SYSTEM;
	}
	return touch(shm, writable, name);
}

static void say_cannot_lock(const char *name, int error)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;
	char program[TAKT_OS_PATH_MAX];
	struct rlimit limit = {0, 0};

	if (!takt_port_first_time(&said))
		return;
	(void)getrlimit(RLIMIT_MEMLOCK, &limit);
	takt_port_program(program, sizeof(program));
	takt_message(TAKT_WARNING,
		     "shared memory '%s': cannot lock it in memory: %s (the limit is %" PRIu64
		     " bytes); going on without, with page faults when memory is short; permit it with: ulimit -l "
		     "unlimited, or: setcap cap_ipc_lock+ep %s, or LimitMEMLOCK=infinity in the systemd unit",
		     name, strerror(error), (uint64_t)limit.rlim_cur, program);
}

enum takt_status takt_os_shm_prefault(const struct takt_os_shm *shm, const char *name)
{
	const enum takt_status status = populate(shm, name);

	if (status != TAKT_OK)
		return status;
	if (mlock(shm->address, (size_t)shm->bytes) == 0)
		return TAKT_OK;
	say_cannot_lock(name, errno);
	return TAKT_OK;
}
