/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little of the platform's contract that the protocols need, kept by the machine: time that stands still while anybody can run,
 * presence files whose locks an ended party loses, and the kernel's part of the semaphore. The semaphore itself is the shipped
 * platform/linux/sem_futex.c, whose system calls the linker turns to __wrap_syscall.
 */
#include <errno.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "platform/presence.h"
#include "platform/shm.h"
#include "platform/thread.h"
#include "tests/schedule/machine.h"
#include "tests/schedule/sim.h"

#define SIM_TICK_NS TAKT_NS_PER_MS

/* ---------------------------------------------------------------------------------------------------------- time */

uint64_t takt_os_clock_now_ns(void)
{
	return machine.now_ns;
}

enum takt_status takt_os_clock_sleep_until(uint64_t deadline_ns)
{
	machine_point(NULL, POINT_KERNEL);
	/* A sleep may last longer than was asked for: here to the next whole tick, so that fewer different times are met. */
	const uint64_t tick_ns = (deadline_ns + SIM_TICK_NS - 1) / SIM_TICK_NS * SIM_TICK_NS;
	if (deadline_ns > machine.now_ns)
		(void)machine_sleep(NULL, tick_ns);
	return TAKT_OK;
}

int takt_os_stop_requested(void)
{
	return 0;
}

/* ------------------------------------------------------------------------------------------------- the futex call */

struct kernel_time {
	int64_t seconds;
	int64_t nanoseconds;
};

static long wait_on(const uint32_t *word, uint32_t value, const struct kernel_time *deadline)
{
	machine_point(word, POINT_KERNEL);
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value) {
		errno = EAGAIN;
		return -1;
	}
	const uint64_t deadline_ns = (uint64_t)deadline->seconds * TAKT_NS_PER_S + (uint64_t)deadline->nanoseconds;
	if (deadline_ns > machine.now_ns && machine_sleep(word, deadline_ns))
		return 0;
	errno = ETIMEDOUT;
	return -1;
}

long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
	va_list arguments;
	va_start(arguments, number);
	const uint32_t *word = va_arg(arguments, const uint32_t *);
	const int operation = va_arg(arguments, int);
	const uint32_t value = va_arg(arguments, uint32_t);
	const struct kernel_time *deadline = va_arg(arguments, const struct kernel_time *);
	va_end(arguments);

	if (number == SYS_futex && operation == FUTEX_WAIT_BITSET)
		return wait_on(word, value, deadline);
	if (number != SYS_futex || operation != FUTEX_WAKE || value != 1) {
		machine_fail("a system call that nobody foresaw: %ld, %d", number, operation);
		return 0;
	}
	machine_point(word, POINT_KERNEL);
	machine_wake(word);
	return 0;
}

/* ------------------------------------------------------------------------------------------------------- presence */

#define ACTOR_COUNT (MACHINE_PARTY_COUNT_MAX + 1)

int sim_descriptor(uint32_t file, uint32_t actor)
{
	return (int)(file * ACTOR_COUNT + actor);
}

static uint32_t file_of(const struct takt_os_presence *presence)
{
	return (uint32_t)presence->descriptor / ACTOR_COUNT;
}

static uint32_t actor_of(const struct takt_os_presence *presence)
{
	return (uint32_t)presence->descriptor % ACTOR_COUNT;
}

static int is_held(const struct takt_os_presence *presence, uint64_t offset)
{
	for (uint32_t i = 0; i < MACHINE_HELD_COUNT_MAX; i++) {
		const struct held *held = &machine.held[i];
		if (held->holder_plus_one && held->holder_plus_one != actor_of(presence) + 1 &&
		    held->file == file_of(presence) && held->offset == offset)
			return 1;
	}
	return 0;
}

enum takt_os_life takt_os_presence_ask(const struct takt_os_presence *presence, uint64_t offset)
{
	machine_point(NULL, POINT_KERNEL);
	return is_held(presence, offset) ? TAKT_OS_ALIVE : TAKT_OS_DEAD;
}

enum takt_status takt_os_presence_hold(const struct takt_os_presence *presence, uint64_t offset)
{
	machine_point(NULL, POINT_KERNEL);
	if (is_held(presence, offset))
		return TAKT_BUSY;
	for (uint32_t i = 0; i < MACHINE_HELD_COUNT_MAX; i++) {
		if (machine.held[i].holder_plus_one)
			continue;
		machine.held[i] = (struct held){offset, file_of(presence), actor_of(presence) + 1};
		return TAKT_OK;
	}
	machine_fail("more than %u bytes of presence files are held", MACHINE_HELD_COUNT_MAX);
	return TAKT_SYSTEM;
}

void takt_os_presence_close(struct takt_os_presence *presence)
{
	if (presence->descriptor < 0)
		return;
	machine_point(NULL, POINT_KERNEL);
	for (uint32_t i = 0; i < MACHINE_HELD_COUNT_MAX; i++)
		if (machine.held[i].holder_plus_one == actor_of(presence) + 1 &&
		    machine.held[i].file == file_of(presence))
			machine.held[i] = (struct held){0};
	presence->descriptor = -1;
}

enum takt_status takt_os_token_draw(uint64_t *token)
{
	/* Tokens are given out when a scenario is prepared; who draws a second one has found its own held by somebody else. */
	(void)token;
	machine_fail("a token was drawn twice");
	return TAKT_SYSTEM;
}

/* The arena is nobody's to unmap. */
void takt_os_shm_close(struct takt_os_shm *shm)
{
	*shm = (struct takt_os_shm){0};
}

/* ------------------------------------------------------------------------------------------------------- messages */

/* Whatever takt complains of comes back to the caller as a status too, which the scenario judges. */
void takt_message(enum takt_severity severity, const char *format, ...)
{
	(void)severity;
	(void)format;
}

void takt_assert_failed(const char *file, int line, const char *condition)
{
	machine_fail("%s:%d: %s does not hold", file, line, condition);
	sim_abort();
}

/* The segments are arrays of this program: nobody cuts them off. */
int takt_os_shm_is_cut(const struct takt_os_shm *shm)
{
	(void)shm;
	return 0;
}
