/* SPDX-License-Identifier: Apache-2.0 */
/* Does jobs until it is told to stop. `worker fragile` dies in the middle of job 7, unless somebody has died of it before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "job.h"

static void work(const struct job *job, int is_fragile)
{
	uint64_t end_ns = takt_now_ns() + job->work_us * UINT64_C(1000);
	while (takt_now_ns() < end_ns)
		;
	if (is_fragile && job->id == 7)
		_Exit(9);
}

/* The result first, then the acknowledgement: who dies between the two does the job once more, and none is lost. */
static enum takt_status finish(struct takt_consumer *jobs, struct takt_producer *results, const struct result *result,
			       const struct takt_item *item)
{
	enum takt_status status =
		takt_queue_push_until(results, result, 0, NULL, takt_now_ns() + UINT64_C(10000000000));
	return status == TAKT_OK ? takt_queue_acknowledge(jobs, item) : status;
}

int main(int argc, char **argv)
{
	static struct takt_node node;
	static struct takt_consumer jobs;
	static struct takt_producer results;
	static struct takt_waiter waiter;
	const int is_fragile = argc > 1 && strcmp(argv[1], "fragile") == 0;
	struct job job;
	struct takt_item item;
	if (takt_node_join(&node, NULL, NULL) != TAKT_OK ||
	    takt_consumer_attach(&jobs, &node, "jobs", &takt_type_job) != TAKT_OK ||
	    takt_producer_attach(&results, &node, "results", &takt_type_result) != TAKT_OK ||
	    takt_waiter_init(&waiter, &node, 0) != TAKT_OK || takt_node_set_ready(&node) != TAKT_OK)
		return 1;
	takt_consumer_waiter_set(&jobs, &waiter);
	takt_producer_waiter_set(&results, &waiter);
	enum takt_status status = TAKT_OK;
	while (status == TAKT_OK) {
		status = takt_queue_take_until(&jobs, TAKT_BAND_ANY, &job, &item, TAKT_FOREVER);
		if (status != TAKT_OK)
			break;
		work(&job, is_fragile && !item.is_redelivered);
		struct result result = {.id = job.id, .deliveries = item.delivery_count};
		(void)snprintf(result.worker, sizeof(result.worker), "%s", node.name);
		status = finish(&jobs, &results, &result, &item);
	}
	takt_producer_detach(&results);
	takt_consumer_detach(&jobs);
	takt_node_leave(&node);
	return status != TAKT_STOPPED;
}
