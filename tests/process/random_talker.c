/* SPDX-License-Identifier: Apache-2.0 */
/* A test's node: publishes as many greetings as the command `publish N` says, none to 39 in a cycle, at random distances. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <takt/takt.h>

#include "apps/examples/greeting.h"
#include "tests/unit/core/random.h"

static struct takt_node node;
static struct takt_publisher publisher;
static struct takt_loop loop;
static uint32_t left_count;

static enum takt_status order(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	(void)context;
	(void)reply;
	(void)reply_bytes;
	left_count += (uint32_t)strtoul(arguments, NULL, 10);
	return TAKT_OK;
}

static enum takt_status tell(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	(void)context;
	(void)arguments;
	(void)snprintf(reply, reply_bytes, "published=%" PRIu64 " left=%" PRIu32 " woken=%" PRIu64,
		       publisher.published_count, left_count, publisher.woken_count);
	return TAKT_OK;
}

static enum takt_status publish_some(void)
{
	static struct greeting greeting = {.text = "tick"};
	enum takt_status status = TAKT_OK;

	for (uint64_t more = next_random() % 40; more > 0 && left_count > 0 && status == TAKT_OK; more--) {
		for (uint64_t pause = next_random() % 2000; pause > 0; pause--)
			__asm__ volatile("");
		greeting.count++;
		left_count--;
		status = takt_publish(&publisher, &greeting, NULL);
	}
	return status;
}

int main(void)
{
	static const struct takt_command commands[] = {{"publish", "publish N: so many greetings", order, NULL},
						       {"count", "what was published", tell, NULL}};
	int failed = takt_node_join(&node, NULL, NULL) != TAKT_OK ||
		     takt_publisher_attach(&publisher, &node, "greeting", &takt_type_greeting) != TAKT_OK ||
		     takt_commands_set(&node, commands, 2) != TAKT_OK ||
		     takt_loop_begin(&loop, &node, &(struct takt_loop_options){0}) != TAKT_OK;

	while (!failed && takt_loop_next(&loop) == TAKT_OK)
		failed = publish_some() != TAKT_OK;
	takt_loop_end(&loop);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	return failed;
}
