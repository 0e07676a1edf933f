/* SPDX-License-Identifier: Apache-2.0 */
/* The liar's attempts to have the living declared dead, and its walks through all values of semaphores. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/layout.h"
#include "tests/hostile/engine.h"

#ifndef F_OFD_SETLK
#define F_OFD_SETLK 37
#endif

void engine_presence_open(struct engine *engine)
{
	static const char *const names[LIVE_COUNT] = {"live", "live.clean", "live.fair", "live.mixed"};
	char path[PATH_BYTES];

	for (unsigned i = 0; i < LIVE_COUNT; i++) {
		world_path(path, names[i]);
		engine->live[i] = open(path, O_RDWR | O_CLOEXEC);
	}
	while (engine->own_token == 0)
		engine->own_token = engine_random(engine) & TAKT_OS_TOKEN_MAX;
	/* It holds its own token's byte everywhere: a name that lives, for lock words. */
	for (unsigned i = 0; i < LIVE_COUNT; i++) {
		struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
		lock.l_start = (off_t)engine->own_token;
		(void)fcntl(engine->live[i], F_OFD_SETLK, &lock);
	}
}

/* Locks, unlocks, over one byte or all of them, of both kinds. A living one's byte never becomes the liar's. */
static void lock_bytes(struct engine *engine, int file, short type, int command, uint64_t begin, uint64_t count)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET};

	lock.l_start = (off_t)begin;
	lock.l_len = (off_t)count;
	(void)fcntl(file, command, &lock);
	(void)engine;
}

void engine_lie_about_life(struct engine *engine)
{
	const int file = engine->live[engine_random(engine) % LIVE_COUNT];
	const uint64_t token = atomic_load(&page->living_tokens[engine_random(engine) % WORKER_COUNT_MAX]);
	const int command = engine_random(engine) % 2 ? F_OFD_SETLK : F_SETLK;

	switch (engine_random(engine) % 5) {
	case 0: /* a reader of the whole file: would fake life or hide death from a question for readers */
		lock_bytes(engine, file, F_RDLCK, command, 1, 0);
		break;
	case 1:
		lock_bytes(engine, file, F_WRLCK, command, token, 1);
		break;
	case 2: /* unlocks what is another's */
		lock_bytes(engine, file, F_UNLCK, command, token, 1);
		break;
	case 3:
		lock_bytes(engine, file, F_WRLCK, command, 1, 0);
		break;
	default:
		break;
	}
	/* Not for long: a byte that nobody held belongs to a process that is about to come. */
	lock_bytes(engine, file, F_UNLCK, F_SETLK, 0, 0);
	lock_bytes(engine, file, F_UNLCK, F_OFD_SETLK, 0, 0);
	lock_bytes(engine, file, F_WRLCK, F_OFD_SETLK, engine->own_token, 1);
	atomic_fetch_add_explicit(&page->mutations, 4, memory_order_relaxed);
}

/* ------------------------------------------------------------------------------------------------- semaphores */

struct storage {
	const struct target *target;
	size_t offset;
};

/* Wake words of all waiters, then the hints of both topics' locks. */
static struct storage storage_of(const struct engine *engine, unsigned index)
{
	const struct takt_roster_shm *roster = (const void *)engine->targets[TARGET_ROSTER].copy;

	if (index < roster->waiter_count)
		return (struct storage){&engine->targets[TARGET_ROSTER],
					(size_t)roster->waiters_offset + index * sizeof(struct takt_roster_waiter_shm)};
	return (struct storage){&engine->targets[index - roster->waiter_count ? TARGET_MIXED : TARGET_OWN],
				offsetof(struct takt_topic_shm, lock) + offsetof(struct takt_lock_shm, hint)};
}

static unsigned storage_count(const struct engine *engine)
{
	const struct takt_roster_shm *roster = (const void *)engine->targets[TARGET_ROSTER].copy;

	return roster->waiter_count + 2;
}

static void wake(const struct storage *storage)
{
	(void)syscall(SYS_futex, storage->target->base + storage->offset, FUTEX_WAKE, 1, NULL, NULL, 0);
}

unsigned engine_sweep(struct engine *engine, unsigned word_index, uint32_t first, uint32_t count)
{
	const struct storage storage = storage_of(engine, word_index % storage_count(engine));

	for (uint32_t i = 0; i < count; i++)
		engine_store(storage.target, storage.offset, first + i, 4);
	wake(&storage);
	atomic_fetch_add_explicit(&page->semaphore_values, count, memory_order_relaxed);
	return storage_count(engine);
}

#define BYTE_STEPS     1024u /* 4 bytes of 256 values */
#define BOUNDARY_STEPS 32u   /* each power of two, one less, and their complements */
#define WORD_STEPS     (BYTE_STEPS + 4 * BOUNDARY_STEPS)
#define STORAGE_WORDS  (sizeof(struct takt_os_sem) / 4)

int engine_sweep_step(struct engine *engine, uint64_t step)
{
	const uint64_t per_storage = STORAGE_WORDS * WORD_STEPS;
	if (step >= per_storage * storage_count(engine))
		return 0;
	const struct storage storage = storage_of(engine, (unsigned)(step / per_storage));
	const size_t word = storage.offset + (size_t)(step % per_storage / WORD_STEPS) * 4;
	const uint32_t in_word = (uint32_t)(step % WORD_STEPS);

	if (in_word < BYTE_STEPS) {
		engine_store(storage.target, word + in_word / 256, in_word % 256, 1);
	} else {
		const uint32_t power = UINT32_C(1) << in_word % BOUNDARY_STEPS;
		const uint32_t values[4] = {power, power - 1, ~power, ~(power - 1)};
		engine_store(storage.target, word, values[(in_word - BYTE_STEPS) / BOUNDARY_STEPS], 4);
	}
	if (step % 16 == 0)
		wake(&storage);
	atomic_fetch_add_explicit(&page->semaphore_values, 1, memory_order_relaxed);
	return 1;
}
