/* SPDX-License-Identifier: Apache-2.0 */
/* The semaphore as one 32-bit word on the futex system call. Operation and flags are constants of this program: whoever can write
 * the word can end a sleep early or let it run to its deadline, and nothing else. */
#include "platform/linux/port.h"

#include "platform/sem.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/thread.h"

_Static_assert(sizeof(_Atomic uint32_t) == 4, "the kernel compares 32 bits");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a lock inside shared memory would be a host's own");

/* The kernel's 64-bit time, the same on every machine; libc's timespec is not on 32-bit ones. */
struct kernel_time {
	int64_t seconds;
	int64_t nanoseconds;
};

static _Atomic uint32_t *word_of(struct takt_os_sem *sem)
{
	return (_Atomic uint32_t *)(void *)sem->storage;
}

#if defined(SYS_futex_time64)
#define WAIT_CALL SYS_futex_time64
#else
#define WAIT_CALL SYS_futex
#endif

/* Not PRIVATE: the sleepers are other processes. WAIT_BITSET, since its time is absolute and CLOCK_MONOTONIC. */
static int wait_error(_Atomic uint32_t *word, uint32_t value, uint64_t deadline_ns)
{
	const struct kernel_time deadline = {(int64_t)(deadline_ns / TAKT_NS_PER_S),
					     (int64_t)(deadline_ns % TAKT_NS_PER_S)};

	if (syscall(WAIT_CALL, word, FUTEX_WAIT_BITSET, value, &deadline, NULL, FUTEX_BITSET_MATCH_ANY) == 0)
		return 0;
#if defined(SYS_futex_time64) && defined(SYS_futex)
	if (errno == ENOSYS) { /* a 32-bit kernel before 5.1: its long is the 32-bit time of the old call */
		const long old_deadline[2] = {deadline.seconds > INT32_MAX ? INT32_MAX : (long)deadline.seconds,
					      (long)deadline.nanoseconds};

		if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET, value, old_deadline, NULL, FUTEX_BITSET_MATCH_ANY) == 0)
			return 0;
	}
#endif
	return errno;
}

enum takt_os_sem_kind takt_os_sem_kind(void)
{
	return TAKT_OS_SEM_FUTEX;
}

void takt_os_sem_init(struct takt_os_sem *sem)
{
	memset(sem->storage, 0, sizeof(sem->storage));
	/* Relaxed: nobody else uses it yet; whoever publishes the segment orders this. */
	atomic_store_explicit(word_of(sem), 0, memory_order_relaxed);
}

uint32_t takt_os_sem_prepare(struct takt_os_sem *sem)
{
	/* SF1 acquire: the word before the look at the truth that follows. Pairs with SF2: a post whose number we have here
	 * ends no sleep any more, so what it announced must be visible to that look. Without it the look could miss it and
	 * the sleep would last until the deadline. */
	return atomic_load_explicit(word_of(sem), memory_order_acquire);
}

enum takt_status takt_os_sem_wait_until(struct takt_os_sem *sem, uint32_t prepared, uint64_t deadline_ns)
{
	for (;;) {
		const int error = wait_error(word_of(sem), prepared, deadline_ns);

		/* SF3 acquire: the word before all that the woken one reads. Pairs with SF2: the number of the post that
		 * ended the sleep makes what was stored before it visible. Without it a woken one could look and see the
		 * old state. */
		if (atomic_load_explicit(word_of(sem), memory_order_acquire) != prepared || error == 0 ||
		    error == EAGAIN)
			return TAKT_OK;
		if (error == ETIMEDOUT)
			return TAKT_TIMEOUT;
		if (error != EINTR)
			break;
		/* Signals without end must not keep us past the deadline, whichever the kernel looks at first. */
		if (takt_os_clock_now_ns() >= deadline_ns)
			return TAKT_TIMEOUT;
	}
	/* The kernel refuses to sleep here (a peer cut the memory off, a filter): polling once a deadline, never spinning. */
	(void)takt_os_clock_sleep_until(deadline_ns);
	return TAKT_TIMEOUT;
}

void takt_os_sem_post(struct takt_os_sem *sem)
{
	/* SF2 release: all that the poster stored before the new number. Pairs with SF1 and SF3. Without it a waiter could
	 * see the post and not what it announces. It does not order the poster's loads after it: whoever decides by a load
	 * whether to post needs a full fence of its own. */
	(void)atomic_fetch_add_explicit(word_of(sem), 1, memory_order_release);
#if defined(SYS_futex)
	(void)syscall(SYS_futex, word_of(sem), FUTEX_WAKE, 1, NULL, NULL, 0);
#else
	(void)syscall(SYS_futex_time64, word_of(sem), FUTEX_WAKE, 1, NULL, NULL, 0);
#endif
}
