/* SPDX-License-Identifier: Apache-2.0 */
/* A node with an event loop of its own: what poll_epoll.c and poll_libuv.c do, whatever calls them. configs/poll.yaml runs both. */
#include <inttypes.h>
#include <stdio.h>
#include <takt/takt.h>
#include "greeting.h"

static struct watch {
	struct takt_node node;
	struct takt_subscriber greetings;
	struct takt_waiter waiter;
	struct takt_loop loop;
	struct takt_loop_descriptors cycle; /* watched: .period and .command */
	struct takt_news_descriptor news;   /* watched: .descriptor */
	uint32_t is_held;		    /* by command: news are left unread */
} watch;

/* When news.descriptor is readable. The drain is first, the arming last. */
static void watch_news(void)
{
	struct greeting greeting;
	(void)takt_news_descriptor_drain(&watch.news);
	if (watch.is_held)
		return;
	while (takt_read_next(&watch.greetings, &greeting, NULL) == TAKT_OK)
		;
	(void)takt_news_descriptor_arm(&watch.news);
}

/* When cycle.period or cycle.command is readable. @retval 0 the node is to end */
static int watch_cycle(void)
{
	enum takt_status status;
	while ((status = takt_loop_descriptors_next(&watch.cycle)) == TAKT_OK)
		if (watch.loop.cycle_count % 5 == 0)
			printf("%" PRIu64 " cycles, %" PRIu64 " greetings\n", watch.loop.cycle_count,
			       watch.greetings.got),
				fflush(stdout);
	return status == TAKT_EMPTY;
}

/* Commands run in watch_cycle: they may touch what the loop's thread touches. */
static enum takt_status tell_count(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	(void)context;
	(void)arguments;
	(void)snprintf(reply, reply_bytes,
		       "got=%" PRIu64 " lost=%" PRIu64 " calls=%" PRIu64 " turns=%" PRIu64 " armings=%" PRIu64,
		       watch.greetings.got, watch.greetings.lost, watch.news.call_count, watch.news.turn_count,
		       watch.news.arm_count);
	return TAKT_OK;
}

static enum takt_status hold(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	(void)arguments;
	(void)reply;
	(void)reply_bytes;
	watch.is_held = context != NULL;
	if (!watch.is_held)
		watch_news();
	return TAKT_OK;
}

static int watch_begin(void)
{
	static const struct takt_command commands[] = {
		{"count", "what was read, and how often the helper called", tell_count, NULL},
		{"hold", "leaves news unread", hold, &watch},
		{"resume", "reads them again", hold, NULL},
	};
	return takt_node_join(&watch.node, NULL, NULL) == TAKT_OK &&
	       takt_subscriber_attach(&watch.greetings, &watch.node, "greeting", &takt_type_greeting, NULL) ==
		       TAKT_OK &&
	       takt_commands_set(&watch.node, commands, 3) == TAKT_OK &&
	       takt_loop_begin(&watch.loop, &watch.node, &(struct takt_loop_options){.period_ns = 200000000}) ==
		       TAKT_OK &&
	       takt_loop_descriptors_open(&watch.cycle, &watch.loop) == TAKT_OK &&
	       takt_waiter_init(&watch.waiter, &watch.node, 1) == TAKT_OK &&
	       takt_waiter_add(&watch.waiter, &watch.greetings) == TAKT_OK &&
	       takt_news_descriptor_start(&watch.news, &watch.waiter) == TAKT_OK;
}

static void watch_end(void)
{
	takt_news_descriptor_stop(&watch.news);
	takt_loop_descriptors_close(&watch.cycle);
	takt_loop_end(&watch.loop);
	takt_subscriber_detach(&watch.greetings);
	takt_node_leave(&watch.node);
}
