/* SPDX-License-Identifier: Apache-2.0 */
/* Pushes 20 jobs, the last of them urgent, and waits until each has a result. configs/jobs.yaml runs it with three workers. */
#include <stdio.h>
#include "job.h"

#define JOB_COUNT  20u
#define TIMEOUT_NS UINT64_C(10000000000)

static int dispatch(struct takt_producer *jobs)
{
	for (uint32_t id = 1; id <= JOB_COUNT; id++) {
		struct job job = {.id = id, .work_us = 2000};
		/* Eight at a time are in the queue: the others wait for room. */
		if (takt_queue_push_until(jobs, &job, id == JOB_COUNT, NULL, takt_now_ns() + TIMEOUT_NS) != TAKT_OK)
			return 0;
	}
	return 1;
}

static uint32_t collect(struct takt_consumer *results)
{
	struct result result;
	struct takt_item item;
	uint32_t again_count = 0;
	for (uint32_t done = 0; done < JOB_COUNT; done++) {
		if (takt_queue_take_until(results, TAKT_BAND_ANY, &result, &item, takt_now_ns() + TIMEOUT_NS) !=
			    TAKT_OK ||
		    takt_queue_acknowledge(results, &item) != TAKT_OK)
			return UINT32_MAX;
		again_count += result.deliveries > 1;
		printf("job %u done by %s%s\n", result.id, result.worker, result.deliveries > 1 ? ", again" : "");
	}
	return again_count;
}

int main(void)
{
	static struct takt_node node;
	static struct takt_producer jobs;
	static struct takt_consumer results;
	static struct takt_waiter waiter;
	uint32_t again_count = UINT32_MAX;
	if (takt_node_join(&node, NULL, "dispatcher") != TAKT_OK ||
	    takt_producer_attach(&jobs, &node, "jobs", &takt_type_job) != TAKT_OK ||
	    takt_consumer_attach(&results, &node, "results", &takt_type_result) != TAKT_OK ||
	    takt_waiter_init(&waiter, &node, 0) != TAKT_OK || takt_node_set_ready(&node) != TAKT_OK)
		return 1;
	takt_producer_waiter_set(&jobs, &waiter);
	takt_consumer_waiter_set(&results, &waiter);
	if (dispatch(&jobs))
		again_count = collect(&results);
	if (again_count != UINT32_MAX)
		printf("all %u jobs are done, %u of them again\n", JOB_COUNT, again_count);
	takt_consumer_detach(&results);
	takt_producer_detach(&jobs);
	takt_node_leave(&node);
	return again_count == UINT32_MAX;
}
