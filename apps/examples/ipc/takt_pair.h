/* SPDX-License-Identifier: Apache-2.0 */
/* And what those with takt share. A fork's child has no part in its parent's membership, so each role joins after the fork. */
#include <takt/takt.h>
#include "pair.h"

static struct takt_node node;
static struct takt_waiter waiter;

/* Ends this process; takt has said why, or says it here. */
static inline void need(enum takt_status status, const char *what)
{
	if (status != TAKT_OK) {
		(void)fprintf(stderr, "%s: %s\n", what, takt_status_name(status));
		_exit(1);
	}
}

static inline uint64_t soon_ns(void)
{
	return takt_now_ns() + UINT64_C(10000000000);
}

static inline void join(const char *name)
{
	need(takt_node_join(&node, NULL, name), "join");
	need(takt_waiter_init(&waiter, &node, 0), "waiter");
}

/* A late subscriber begins with the newest sample that is there: a former run's is not meant. */
static inline void forget_old(struct takt_subscriber *subscriber, void *payload)
{
	while (takt_read_next(subscriber, payload, NULL) == TAKT_OK)
		;
}

/* Both sides have attached what they use: nothing of what comes now is missed. */
static inline void meet(void)
{
	static struct takt_barrier start;
	need(takt_barrier_attach(&start, &waiter, "start"), "start");
	need(takt_barrier_wait_until(&start, soon_ns()), "start");
	takt_barrier_detach(&start);
}
