/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A consumer takes, acknowledges and gives back, and finds every door to what the items say shut; it cannot push, by a config of its own
 * either. A member that may neither push nor take is refused both.
 */
#include "tests/rights/cases.h"

#include <stdio.h>
#include <unistd.h>

#include "core/takt.h"
#include "tests/rights/actor.h"
#include "tests/rights/doors.h"
#include "tests/rights/world.h"

static const char config_queue[] =
	"domain: %D\n"
	"owner: 0\n"
	"group: 61100\n"
	"mode: 0660\n"
	"queues:\n"
	"  - {name: jobs, type: note, bytes: 64, depth: 8, owner: 61002, group: 61100, mode: 0640}\n"
	"  - {name: closed, type: note, bytes: 64, depth: 8, owner: 61002, group: 61100, mode: 0644, take_group: 61101}\n"
	"nodes:\n"
	"  - {name: boss, program: x, pushes: [jobs, closed], restart: never}\n"
	"  - {name: worker, program: x, takes: [jobs], restart: never}\n"
	"  - {name: forger, program: x, pushes: [jobs, closed], takes: [closed], restart: never}\n";

static struct takt_node node;

static struct note_sample job_of(uint64_t count)
{
	struct note_sample job = {.count = count};

	for (uint64_t i = 0; i < 7; i++)
		job.words[i] = count * (i + 1);
	return job;
}

static int live_as_producer(int orders, int answers, void *context)
{
	static struct takt_producer jobs, closed;
	uint64_t count = 0;
	char order;

	(void)context;
	if (takt_node_join(&node, world.config, "boss") != TAKT_OK ||
	    takt_producer_attach(&jobs, &node, "jobs", &takt_type_note) != TAKT_OK ||
	    takt_producer_attach(&closed, &node, "closed", &takt_type_note) != TAKT_OK || write(answers, "r", 1) != 1)
		return 1;
	while (read(orders, &order, 1) == 1 && order != 'q') {
		struct note_sample job = job_of(++count);

		if (write(answers, takt_queue_push(&jobs, &job, 0, NULL) == TAKT_OK ? "k" : "n", 1) != 1)
			return 2;
	}
	takt_producer_detach(&closed);
	takt_producer_detach(&jobs);
	takt_node_leave(&node);
	return 0;
}

static void take_and_check(struct takt_consumer *jobs, struct takt_item *item, uint64_t count)
{
	struct note_sample job = {0};
	enum takt_status status = takt_queue_take(jobs, TAKT_BAND_ANY, &job, item);

	expect(status == TAKT_OK && job.count == count && job.words[6] == count * 7, "job %llu: %s",
	       (unsigned long long)count, takt_status_name(status));
}

static int work(void *context)
{
	static struct takt_consumer jobs;
	const struct companion *producer = context;
	struct takt_item item;

	if (takt_node_join(&node, world.config, "worker") != TAKT_OK ||
	    takt_consumer_attach(&jobs, &node, "jobs", &takt_type_note) != TAKT_OK)
		return 1;
	expect(companion_ask(producer, 'p') == 'k' && companion_ask(producer, 'p') == 'k', "nothing was pushed");
	take_and_check(&jobs, &item, 1);
	expect(takt_queue_acknowledge(&jobs, &item) == TAKT_OK, "job 1 is not acknowledged");
	take_and_check(&jobs, &item, 2);
	expect(takt_queue_return(&jobs, &item) == TAKT_OK, "job 2 is not given back");
	doors_try_all("queue.jobs", &jobs.queue.items_segment, producer->process);
	take_and_check(&jobs, &item, 2);
	expect(item.is_redelivered == 1, "job 2 is not marked");
	expect(takt_queue_acknowledge(&jobs, &item) == TAKT_OK, "job 2 is not acknowledged");
	takt_consumer_detach(&jobs);
	takt_node_leave(&node);
	return 0;
}

/* The config says that this node pushes; the files say who may. */
static int forge(void *context)
{
	static struct takt_producer producer;
	static struct takt_consumer consumer;

	(void)context;
	if (takt_node_join(&node, world.config, "forger") != TAKT_OK)
		return 1;
	expect(takt_producer_attach(&producer, &node, "jobs", &takt_type_note) == TAKT_DENIED, "a consumer may push");
	expect(takt_producer_attach(&producer, &node, "closed", &takt_type_note) == TAKT_DENIED, "anybody may push");
	expect(takt_consumer_attach(&consumer, &node, "closed", &takt_type_note) == TAKT_DENIED,
	       "who may only read the items may take them");
	takt_node_leave(&node);
	return 0;
}

/* Who may only read them still may look. */
static void look_from_outside(void)
{
	struct said said;

	world_takt(&said, ACTOR_READER, "queue list --domain %D");
	expect(said.code == 0, "queue list ends with %d: %s", said.code, said.text);
	world_takt(&said, ACTOR_READER, "queue push jobs count=1 --domain %D");
	expect(said.code == 1, "a consumer pushes by the takt command");
}

void case_queue(void)
{
	struct companion producer;
	struct said said;

	world_config(config_queue);
	world_create();
	companion_start(&producer, ACTOR_PUBLISHER, live_as_producer, NULL);
	if (companion_ask(&producer, 0) != 'r') {
		companion_said(&producer, &said);
		expect(0, "a producer cannot attach: %s", said.text);
	} else {
		actor_run(&said, ACTOR_READER, 0022, work, &producer);
		expect(said.code == 0, "the worker ends with %d: %s", said.code, said.text);
		actor_run(&said, ACTOR_INTRUDER, 0022, forge, NULL);
		expect(said.code == 0, "the forger ends with %d: %s", said.code, said.text);
		expect_said(&said, "queue.jobs", "a forger");
		look_from_outside();
	}
	(void)companion_end(&producer);
	world_takt(&said, ACTOR_ROOT, "clean %D");
}
