/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event flags of a domain: `kind: events` in the config. 32 bits that anybody of its users sets and clears, and waits for, any or all of
 * them. One atomic word: a death leaves it as it was before or after a call, and nobody holds anything.
 */
#ifndef TAKT_CORE_EVENTS_H
#define TAKT_CORE_EVENTS_H

#include "core/sync.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_EVENT_COUNT 32

struct takt_events {
	struct takt_sync sync;
	/* Of the wait that is under way. */
	uint32_t wanted;
	uint32_t seen;
	uint32_t want;
	uint32_t takes;
};

enum takt_events_want { TAKT_EVENTS_ANY = 0, TAKT_EVENTS_ALL = 1 };

/* As takt_semaphore_attach. */
TAKT_CHECKED enum takt_status takt_events_attach(struct takt_events *events, struct takt_waiter *waiter,
						 const char *name);
/* Ends it; the bits stay. Safe on one that is not attached. */
void takt_events_detach(struct takt_events *events);

/* A bit by its index, for the calls below. @retval TAKT_OK @retval TAKT_INVALID it is none of 0 to TAKT_EVENT_COUNT - 1; with a message */
TAKT_CHECKED enum takt_status takt_event_bit(uint32_t index, uint32_t *bits);

/**
 * Sets bits, and wakes who waits. Or clears some.
 * @retval TAKT_OK  @retval TAKT_INVALID no bit  @retval TAKT_CORRUPT its segment was cut off; said once  @retval TAKT_CLOSED
 * RT: safe; wait-free up to the processor's own atomic instructions; one system call for each thread that sleeps on it.
 * Order: who sees a bit sees what was stored before it was set.
 */
TAKT_CHECKED enum takt_status takt_events_set(struct takt_events *events, uint32_t bits);
TAKT_CHECKED enum takt_status takt_events_clear(struct takt_events *events, uint32_t bits);

/* The bits now. 0 when not attached. RT: safe; one load. */
uint32_t takt_events_get(const struct takt_events *events);

/**
 * Waits for bits; takt_events_take_until also clears those that it waited for, in the same step: of several takers one has them.
 * @param bits not 0  @param want any of them, or all at once  @param deadline_ns absolute CLOCK_MONOTONIC; passed: one look
 * @param seen the word at that moment, before anything was cleared; may be NULL. Written on TAKT_OK only.
 * @retval TAKT_OK  @retval TAKT_TIMEOUT  @retval TAKT_INVALID no bit  @retval TAKT_STOPPED  @retval TAKT_CORRUPT  @retval TAKT_CLOSED
 * RT: safe; bounded by the deadline; sleeps in slices. Threads: the waiter's.
 */
TAKT_CHECKED enum takt_status takt_events_wait_until(struct takt_events *events, uint32_t bits,
						     enum takt_events_want want, uint64_t deadline_ns, uint32_t *seen);
TAKT_CHECKED enum takt_status takt_events_take_until(struct takt_events *events, uint32_t bits,
						     enum takt_events_want want, uint64_t deadline_ns, uint32_t *seen);
/* The same without waiting. @retval TAKT_BUSY they are not there */
TAKT_CHECKED enum takt_status takt_events_try_wait(struct takt_events *events, uint32_t bits,
						   enum takt_events_want want, uint32_t *seen);
TAKT_CHECKED enum takt_status takt_events_try_take(struct takt_events *events, uint32_t bits,
						   enum takt_events_want want, uint32_t *seen);

#ifdef __cplusplus
}
#endif
#endif
