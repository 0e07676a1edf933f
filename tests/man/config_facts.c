/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser puts in where a config says nothing, a line for each key: for tests/man/pages.py. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/config.h"

static void print(const char *section, const char *key, uint64_t value)
{
	(void)printf("%s %s %" PRIu64 "\n", section, key, value);
}

int main(void)
{
	static const char text[] = "domain: facts\n"
				   "topics:\n  - {name: topic, type: type, bytes: 8}\n"
				   "queues:\n  - {name: queue, type: type, bytes: 8}\n"
				   "syncs:\n  - {name: sync, kind: semaphore}\n"
				   "nodes:\n  - {name: node, program: program}\n";
	static const char *const overruns[] = {"skip", "catch_up"};
	static const char *const when_fulls[] = {"block", "drop_newest", "drop_oldest"};
	static const char *const restarts[] = {"never", "on_failure", "always"};
	static const char *const policies[] = {"other", "fifo"};
	const struct takt_config *config;

	if (takt_config_parse(&config, text, (uint32_t)strlen(text), "facts") != TAKT_OK)
		return 1;
	const struct takt_config_topic *topic = &config->topics[0];
	const struct takt_config_queue *queue = &config->queues[0];
	const struct takt_config_node *node = &config->nodes[0];
	print("domain", "wait_slice_us", config->wait_slice_us);
	print("domain", "lock_bound_us", config->lock_bound_us);
	(void)printf("domain mode %04o\n", (unsigned)config->rights.mode);
	print("topics", "depth", topic->depth);
	print("topics", "publishers", topic->publishers);
	print("topics", "borrows", topic->borrows);
	print("topics", "loans", topic->loans);
	print("topics", "deadline_us", topic->deadline_us);
	print("queues", "depth", queue->depth);
	print("queues", "bands", queue->bands);
	print("queues", "deliveries", queue->deliveries);
	(void)printf("queues when_full %s\n", when_fulls[queue->when_full]);
	(void)printf("syncs undo %s\n", config->syncs[0].is_undone ? "true" : "false");
	print("nodes", "waiters", node->waiters);
	print("nodes", "period_us", node->period_us);
	print("nodes", "spin_us", node->spin_us);
	(void)printf("nodes overrun %s\nnodes restart %s\nnodes core_dumps %s\nscheduler policy %s\n",
		     overruns[node->overrun], restarts[node->restart], node->core_dumps ? "true" : "false",
		     policies[node->schedule.policy]);
	takt_config_free(config);
	return fflush(stdout) == 0 ? 0 : 1;
}
