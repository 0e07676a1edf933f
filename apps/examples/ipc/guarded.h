/* SPDX-License-Identifier: Apache-2.0 */
/* What the examples of semaphores and locks guard: a page that both processes see, and that says whether the guard held. */
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>

struct guarded {
	uint32_t taken;	   /* changed by whoever has the unit */
	uint32_t inside;   /* how many have it: 1, or the guard is none */
	uint32_t together; /* how often it was more */
	_Atomic uint32_t arrived;
};

static volatile struct guarded *guarded; /* volatile: a guard that fails must be seen to */

static inline void map_guarded(void)
{
	void *page = mmap(NULL, sizeof(*guarded), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(page != MAP_FAILED, "mmap");
	guarded = page;
}

/* Both are there, and neither asleep, before the first taking. */
static inline void arrive(void)
{
	atomic_fetch_add(&guarded->arrived, 1);
	while (atomic_load(&guarded->arrived) < 2)
		sched_yield();
}

static inline void use_guarded(void)
{
	guarded->inside++;
	guarded->together += guarded->inside != 1;
	uint32_t taken = guarded->taken;
	if (taken % 50 == 0)
		sched_yield(); /* here the other one comes in, if the guard lets it */
	guarded->taken = taken + 1;
	guarded->inside--;
}

static inline int report_guarded(const char *what, uint64_t span_ns, uint32_t own_count)
{
	printf("%" PRIu32 " times with both inside\n", guarded->together);
	report(guarded->taken, what, span_ns, own_count);
	return guarded->together != 0;
}
