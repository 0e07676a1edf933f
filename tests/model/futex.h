/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shipped semaphore on a futex of ours: platform/linux/sem_futex.c as it stands, its system call named anew. A wait compares the
 * newest value, as the kernel does, and orders nothing; where the kernel would sleep, it says "timed out" at once, and the program decides
 * at the end of the round whether a post would have ended that sleep.
 */
#ifndef TAKT_TESTS_MODEL_FUTEX_H
#define TAKT_TESTS_MODEL_FUTEX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/clock.h"

static long model_system_call(long number, ...);

#define syscall model_system_call
#include "platform/linux/sem_futex.c"
#undef syscall

static long model_system_call(long number, ...)
{
	(void)number;
	va_list arguments;
	va_start(arguments, number);
	_Atomic uint32_t *word = va_arg(arguments, _Atomic uint32_t *);
	int operation = va_arg(arguments, int);
	uint32_t value = operation == FUTEX_WAIT_BITSET ? va_arg(arguments, uint32_t) : 0;
	va_end(arguments);
	if (operation != FUTEX_WAIT_BITSET)
		return 0;
	/* Adding nothing reads the newest value. */
	errno = atomic_fetch_add_explicit(word, 0, memory_order_relaxed) == value ? ETIMEDOUT : EAGAIN;
	return -1;
}

/* Only behind a signal, and where the kernel refuses to sleep at all: never here. */
uint64_t takt_os_clock_now_ns(void)
{
	abort();
}

enum takt_status takt_os_clock_sleep_until(uint64_t deadline_ns)
{
	(void)deadline_ns;
	abort();
}

#endif
