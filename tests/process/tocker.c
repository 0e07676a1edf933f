/* SPDX-License-Identifier: Apache-2.0 */
/* A test's node: wakes with each "tick" and answers it with a "tock" of the same chain. */
#include "tests/process/tick.h"

static struct takt_node node;
static struct takt_subscriber subscriber;
static struct takt_publisher publisher;
static struct takt_loop loop;

static enum takt_status answer_all(void)
{
	struct takt_sample_info info;
	struct tick tick;
	enum takt_status status;

	while ((status = takt_read_next(&subscriber, &tick, &info)) == TAKT_OK) {
		struct tock tock = {.count = tick.count, .half = (double)tick.count / 2};

		status = takt_publish(&publisher, &tock, &info.origin);
		if (status != TAKT_OK)
			return status;
	}
	return status == TAKT_EMPTY || status == TAKT_OVERTAKEN ? TAKT_OK : status;
}

int main(void)
{
	struct takt_subscriber *triggers[] = {&subscriber};
	enum takt_status status = takt_node_join(&node, NULL, NULL);

	if (status == TAKT_OK)
		status = takt_subscriber_attach(&subscriber, &node, "tick", &takt_type_tick, NULL);
	if (status == TAKT_OK)
		status = takt_publisher_attach(&publisher, &node, "tock", &takt_type_tock);
	if (status == TAKT_OK)
		status = takt_loop_begin(&loop, &node,
					 &(struct takt_loop_options){.triggers = triggers, .trigger_count = 1});
	while (status == TAKT_OK && takt_loop_next(&loop) == TAKT_OK)
		status = answer_all();
	takt_loop_end(&loop);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
	takt_node_leave(&node);
	return status == TAKT_OK ? 0 : 1;
}
