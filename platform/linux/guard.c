/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/linux/guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/shm.h"

_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_POINTER_LOCK_FREE == 2, "a signal handler reads the table");

enum place_state { PLACE_FREE = 0, PLACE_CHANGING = 1, PLACE_USED = 2 };

/* One mapping. Who has made `state` CHANGING writes the rest alone; the handler looks at it only while it is USED. */
struct place {
	_Atomic uint32_t state;
	_Atomic uint32_t is_cut;
	_Atomic uintptr_t begin;
	_Atomic uintptr_t end;
	_Atomic int protection;
};

static struct place places[TAKT_PORT_GUARD_COUNT_MAX];
static uintptr_t page_bytes;
/* What handled the signal before takt. Two, so that one is whole while the other is written. */
static struct sigaction before[2];
static _Atomic uint32_t before_index;
static pthread_mutex_t installing = PTHREAD_MUTEX_INITIALIZER;

/* The bare system call: a sanitizer's or a tracer's mmap is not made for signal handlers. */
static void *map_anonymous(size_t bytes)
{
#if defined(SYS_mmap2)
	const long result = syscall(SYS_mmap2, NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#else
	const long result = syscall(SYS_mmap, NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
#endif
	return result == -1 ? MAP_FAILED : (void *)(uintptr_t)result; /* NOLINT(performance-no-int-to-ptr) */
}

/* Puts pages of TAKT_OS_SHM_CUT_WORD in the place of a mapping's, in one step: nobody ever sees them half filled. */
static int replace(const struct place *place, uintptr_t begin, uintptr_t end)
{
	const size_t bytes = end - begin;
	uint64_t *pages = map_anonymous(bytes);

	if (pages == MAP_FAILED)
		return 0;
	for (size_t i = 0; i < bytes / sizeof(*pages); i++)
		pages[i] = TAKT_OS_SHM_CUT_WORD;
	/* Relaxed: written before the place was USED. */
	if (syscall(SYS_mprotect, pages, bytes, atomic_load_explicit(&place->protection, memory_order_relaxed)) == 0 &&
	    syscall(SYS_mremap, pages, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, begin) != -1)
		return 1;
	(void)syscall(SYS_munmap, pages, bytes);
	return 0;
}

/* 1 when the access that failed can be tried again. */
static int mend(struct place *place, uintptr_t address)
{
	const uintptr_t begin = atomic_load_explicit(&place->begin, memory_order_relaxed);
	const uintptr_t end = atomic_load_explicit(&place->end, memory_order_relaxed);
	const uintptr_t page = address - address % page_bytes;
	uintptr_t head_end = begin + TAKT_OS_SHM_HEAD_BYTES;

	if (head_end > end)
		head_end = end;
	/* The first one only: others may have stored into the new beginning already. Relaxed: the flag says that something is wrong,
	 * and no more. */
	if (atomic_exchange_explicit(&place->is_cut, 1, memory_order_relaxed) == 0 && !replace(place, begin, head_end))
		return 0;
	return page < head_end || replace(place, page, page + page_bytes);
}

static struct place *find(uintptr_t address)
{
	for (uint32_t i = 0; i < TAKT_PORT_GUARD_COUNT_MAX; i++) {
		struct place *place = &places[i];

		/* G1 acquire: the place is in use before its contents. Pairs with G2. Without it the handler could take a mapping's
		 * address for another's. */
		if (atomic_load_explicit(&place->state, memory_order_acquire) == PLACE_USED &&
		    address >= atomic_load_explicit(&place->begin, memory_order_relaxed) &&
		    address < atomic_load_explicit(&place->end, memory_order_relaxed))
			return place;
	}
	return NULL;
}

/* What happened before takt: another's handler, or the death that the system has for it. */
static void hand_on(int number, siginfo_t *info, void *context)
{
	/* G3 acquire: the index before the handler that it names. Pairs with G4. Without it half a handler could be called. */
	const struct sigaction *previous = &before[atomic_load_explicit(&before_index, memory_order_acquire)];

	if ((previous->sa_flags & SA_SIGINFO) != 0 && previous->sa_sigaction != NULL) {
		previous->sa_sigaction(number, info, context);
		return;
	}
	if (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN) {
		previous->sa_handler(number);
		return;
	}
	/* One that was sent is ignored where that was wished. One that an access caused comes again at the return, and kills. */
	if (info->si_code <= 0 && previous->sa_handler == SIG_IGN)
		return;
	struct sigaction action;
	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	(void)sigaction(number, &action, NULL);
	if (info->si_code <= 0)
		(void)raise(number);
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
	const int error = errno;
	const uintptr_t address = (uintptr_t)info->si_addr;
	struct place *place = info->si_code == BUS_ADRERR ? find(address) : NULL;

	if (place == NULL || !mend(place, address))
		hand_on(number, info, context);
	errno = error;
}

/* In front of whatever handler is there: the first time, and again where another has taken its place since. */
static void install(void)
{
	struct sigaction action, found;

	page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
	if (sigaction(SIGBUS, NULL, &found) != 0 ||
	    ((found.sa_flags & SA_SIGINFO) != 0 && found.sa_sigaction == on_bus_error))
		return;
	/* Relaxed: changed under the mutex only. */
	const uint32_t next = 1 - atomic_load_explicit(&before_index, memory_order_relaxed);
	before[next] = found;
	/* G4 release: the handler before its index. Pairs with G3. Before ours is installed, which may run at once. */
	atomic_store_explicit(&before_index, next, memory_order_release);
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_bus_error;
	/* On the alternate stack where a thread has one: an overflow of the stack may be what the other handler is for. */
	action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGBUS, &action, NULL);
}

static int take(struct place *place)
{
	uint32_t free_state = PLACE_FREE;
	/* Relaxed look first, so that a full table costs no locked instruction each. */
	return atomic_load_explicit(&place->state, memory_order_relaxed) == PLACE_FREE &&
	       atomic_compare_exchange_strong_explicit(&place->state, &free_state, PLACE_CHANGING, memory_order_relaxed,
						       memory_order_relaxed);
}

enum takt_status takt_port_guard_add(void *address, size_t bytes, int protection, uint32_t *guard)
{
	(void)pthread_mutex_lock(&installing);
	install();
	(void)pthread_mutex_unlock(&installing);
	for (uint32_t i = 0; i < TAKT_PORT_GUARD_COUNT_MAX; i++) {
		struct place *place = &places[i];

		if (!take(place))
			continue;
		const uintptr_t begin = (uintptr_t)address;
		atomic_store_explicit(&place->is_cut, 0, memory_order_relaxed);
		atomic_store_explicit(&place->begin, begin, memory_order_relaxed);
		atomic_store_explicit(&place->end, begin + (bytes + page_bytes - 1) / page_bytes * page_bytes,
				      memory_order_relaxed);
		atomic_store_explicit(&place->protection, protection, memory_order_relaxed);
		/* G2 release: the contents before the place is in use. Pairs with G1. */
		atomic_store_explicit(&place->state, PLACE_USED, memory_order_release);
		*guard = i + 1;
		return TAKT_OK;
	}
	return TAKT_LIMIT;
}

void takt_port_guard_remove(uint32_t guard)
{
	/* Relaxed: who takes the place next writes its contents only behind its own claim of it. */
	if (guard != 0 && guard <= TAKT_PORT_GUARD_COUNT_MAX)
		atomic_store_explicit(&places[guard - 1].state, PLACE_FREE, memory_order_relaxed);
}

int takt_port_guard_is_cut(uint32_t guard)
{
	/* Relaxed: set by this process, in an access before this look or in another thread's. */
	return guard != 0 && guard <= TAKT_PORT_GUARD_COUNT_MAX &&
	       atomic_load_explicit(&places[guard - 1].is_cut, memory_order_relaxed) != 0;
}
