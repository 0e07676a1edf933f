/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/presence.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/message.h"

#define NOUN "presence file"

/* Linux 3.15; the numbers are the kernel's own. */
#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#endif

enum takt_status takt_os_random(uint64_t *number)
{
	uint64_t drawn = 0;
	ssize_t count;

	while (drawn == 0) {
		do
			count = getrandom(&drawn, sizeof(drawn), 0);
		while (count < 0 && errno == EINTR);
		if (count != (ssize_t)sizeof(drawn)) {
			takt_message(TAKT_ERROR, "random numbers: the system gave none: %s", strerror(errno));
			return TAKT_SYSTEM;
		}
	}
	*number = drawn;
	return TAKT_OK;
}

enum takt_status takt_os_token_draw(uint64_t *token)
{
	uint64_t drawn = 0;

	while ((drawn & TAKT_OS_TOKEN_MAX) == 0) {
		const enum takt_status status = takt_os_random(&drawn);

		if (status != TAKT_OK)
			return status;
	}
	*token = drawn & TAKT_OS_TOKEN_MAX;
	return TAKT_OK;
}

enum takt_status takt_os_presence_open(struct takt_os_presence *presence, int folder, const char *name, int writable,
				       const struct takt_os_rights *rights)
{
	const struct takt_port_object object = {NOUN, folder, name};
	int descriptor = -1;
	const enum takt_status status =
		takt_port_object_open(&object, writable ? O_RDWR : O_RDONLY, S_IFREG, rights, &descriptor);

	if (status == TAKT_OK)
		presence->descriptor = descriptor;
	return status;
}

void takt_os_presence_close(struct takt_os_presence *presence)
{
	takt_port_close(&presence->descriptor);
}

/* One byte, on the open file description. Returns 0 or an errno; `type` becomes what stands in the way when asking. */
static int lock_byte(const struct takt_os_presence *presence, int command, short *type, uint64_t offset)
{
	struct flock lock;
	int result;

	memset(&lock, 0, sizeof(lock)); /* l_pid must be 0 */
	lock.l_type = *type;
	lock.l_whence = SEEK_SET;
	lock.l_start = (off_t)offset;
	lock.l_len = 1;
	do
		result = fcntl(presence->descriptor, command, &lock);
	while (result != 0 && errno == EINTR);
	if (result != 0)
		return errno;
	*type = lock.l_type;
	return 0;
}

static enum takt_status take(const struct takt_os_presence *presence, short type, uint64_t offset)
{
	char path[TAKT_OS_PATH_MAX];
	int error;

	TAKT_ASSERT(presence->descriptor >= 0 && offset <= TAKT_OS_TOKEN_MAX);
	error = lock_byte(presence, F_OFD_SETLK, &type, offset);
	if (error == 0)
		return TAKT_OK;
	if (error == EAGAIN || error == EACCES)
		return TAKT_BUSY;
	takt_port_path(presence->descriptor, path, sizeof(path));
	takt_message(
		TAKT_ERROR,
		"presence file %s: cannot lock a byte of it: %s; it must lie on a local file system, of a kernel with OFD "
		"locks (Linux 3.15): `takt doctor` tries them",
		path, strerror(error));
	return TAKT_SYSTEM;
}

enum takt_status takt_os_presence_hold(const struct takt_os_presence *presence, uint64_t offset)
{
	return take(presence, F_WRLCK, offset);
}

enum takt_status takt_os_presence_share(const struct takt_os_presence *presence, uint64_t offset)
{
	return take(presence, F_RDLCK, offset);
}

int takt_os_presence_has_name(const struct takt_os_presence *presence)
{
	struct stat found;

	return fstat(presence->descriptor, &found) == 0 && found.st_nlink != 0;
}

void takt_os_presence_release(const struct takt_os_presence *presence, uint64_t offset)
{
	short type = F_UNLCK;

	/* PL2 release fence: all our stores before the kernel drops the lock. Pairs with PL1: whoever finds the byte free sees
	 * them. Without it C11 would let them sink below the system call. */
	atomic_thread_fence(memory_order_release);
	/* Only a descriptor that is closed already can refuse it, and then the lock is gone. */
	(void)lock_byte(presence, F_OFD_SETLK, &type, offset);
}

enum takt_os_life takt_os_presence_ask(const struct takt_os_presence *presence, uint64_t offset)
{
	/* A read lock is stopped by write locks only, so nobody is made alive by a reader of the file. */
	short type = F_RDLCK;

	if (offset > TAKT_OS_TOKEN_MAX || lock_byte(presence, F_OFD_GETLK, &type, offset) != 0)
		return TAKT_OS_UNKNOWN;
	if (type != F_UNLCK)
		return TAKT_OS_ALIVE;
	/* PL1 full fence: the kernel's release of the dead one's lock before our loads of what it stored, and before our
	 * stores over it. Pairs with the lock's release at the end of the dead process (or by takt_os_presence_release,
	 * PL2). Without it C11 knows no edge from a system call, and we could load what stood there before its last
	 * stores. */
	atomic_thread_fence(memory_order_seq_cst);
	return TAKT_OS_DEAD;
}

#define GUARD_COUNT_MAX 4

static void (*guards[GUARD_COUNT_MAX])(void);

static void run_guards(void)
{
	for (unsigned i = 0; i < GUARD_COUNT_MAX && guards[i] != NULL; i++)
		guards[i]();
}

enum takt_status takt_os_fork_guard(void (*in_child)(void))
{
	unsigned count = 0;

	while (count < GUARD_COUNT_MAX && guards[count] != NULL) {
		if (guards[count] == in_child)
			return TAKT_OK;
		count++;
	}
	if (count == GUARD_COUNT_MAX)
		return TAKT_LIMIT;
	if (count == 0 && pthread_atfork(NULL, NULL, run_guards) != 0)
		return TAKT_LIMIT;
	guards[count] = in_child;
	return TAKT_OK;
}
