/* SPDX-License-Identifier: Apache-2.0 */
/* The honest who come and go, look as tools do, send commands, and run a loop with parameters. */
#include <stdio.h>
#include <string.h>

#include "core/commander.h"
#include "core/domain.h"
#include "core/loop.h"
#include "core/parameter.h"
#include "core/topic_segment.h"
#include "platform/clock.h"
#include "tests/hostile/honest.h"

#define ANSWER_NS    (5 * TAKT_NS_PER_S)
#define LOOP_WAIT_NS (2 * TAKT_NS_PER_MS)

struct gains {
	int64_t one;
	int64_t same;
};
TAKT_PARAMETERS(gains, struct gains, TAKT_PARAMETER(struct gains, one, TAKT_I64, 0, 0, 1000000, ""),
		TAKT_PARAMETER(struct gains, same, TAKT_I64, 0, 0, 1000000, ""));

/* ------------------------------------------------------------------------------------------------ come and go */

static int may_join(enum takt_status status)
{
	return status == TAKT_OK || status == TAKT_CORRUPT || status == TAKT_MISMATCH || status == TAKT_NOT_READY ||
	       status == TAKT_BUSY;
}

static void attach_everything(struct worker *worker)
{
	/* A roster that lies about its life makes strangers of the topics. */
	const int is_of_this_life = worker->node.domain.instance == atomic_load(&page->instance);

	for (unsigned i = 0; i < TOPIC_COUNT; i++) {
		struct takt_subscriber *subscriber = &worker->subscribers[i];
		if (i == FROZEN)
			continue;
		call_begin(worker, "attach to read", i);
		const enum takt_status status =
			takt_subscriber_attach(subscriber, &worker->node, topic_names[i], message_type, NULL);
		call_end(worker, status);
		if (status != TAKT_OK && i <= FROZEN && is_of_this_life)
			worker_fail(worker, "attaching to %s: %s", topic_names[i], takt_status_name(status));
		if (!may_join(status))
			worker_fail(worker, "attaching to %s: %s", topic_names[i], takt_status_name(status));
	}
	for (unsigned i = 0; i < 8; i++)
		for (unsigned topic = 0; topic < TOPIC_COUNT; topic++)
			if (worker->subscribers[topic].node)
				read_topic(worker, topic);
	for (unsigned i = 0; i < TOPIC_COUNT; i++)
		takt_subscriber_detach(&worker->subscribers[i]);
}

static void come_and_go(struct worker *worker)
{
	call_begin(worker, "join", OWN);
	const enum takt_status status = takt_node_join(&worker->node, config_path, "comer");
	call_end(worker, status);
	if (!may_join(status))
		worker_fail(worker, "joining: %s", takt_status_name(status));
	if (status != TAKT_OK)
		return;
	atomic_fetch_add(&worker->place->joined, 1);
	attach_everything(worker);
	takt_node_leave(&worker->node);
}

/* As `takt topic list` does: by the segments alone. */
static void look_around(struct worker *worker)
{
	struct takt_domain domain;

	call_begin(worker, "look at the domain", OWN);
	const enum takt_status attached = takt_domain_attach(&domain, DOMAIN);
	call_end(worker, attached);
	if (!may_join(attached))
		worker_fail(worker, "looking: %s", takt_status_name(attached));
	if (attached != TAKT_OK)
		return;
	for (unsigned i = 0; i < TOPIC_COUNT; i++) {
		struct takt_topic_constants constants;
		struct takt_flat_type type;
		struct takt_os_shm shm = {0};
		call_begin(worker, "look at topic", i);
		enum takt_status status =
			takt_topic_segment_open(&shm, &constants, &domain, NULL, topic_names[i], TAKT_OS_READ_ONLY);
		if (status == TAKT_OK)
			status = takt_topic_segment_description(shm.address, &constants, &type);
		call_end(worker, status);
		if (!may_join(status))
			worker_fail(worker, "looking at %s: %s", topic_names[i], takt_status_name(status));
		takt_os_shm_close(&shm);
		(void)takt_domain_topic_find(&domain, topic_names[i]);
	}
	(void)takt_domain_node_find(&domain, "comer");
	takt_domain_close(&domain);
}

/* ---------------------------------------------------------------------------------------------------- commands */

static void command_once(struct worker *worker)
{
	static const char *const lines[] = {"ping", "status", "get one", "nonsense", "set one=-1"};
	const uint64_t random = world_random(&worker->random);
	char line[64];

	/* Both in one line, and so at the same time. */
	if (random % 2)
		(void)snprintf(line, sizeof(line), "set one=%u same=%u", (unsigned)(random >> 8) % 1000000,
			       (unsigned)(random >> 8) % 1000000);
	else
		(void)snprintf(line, sizeof(line), "%s", lines[random / 2 % 3]);
	if (random % 16 == 0)
		(void)snprintf(line, sizeof(line), "%s", lines[3 + random / 16 % 2]);
	call_begin(worker, "command", OWN);
	const enum takt_status status =
		takt_command_send(DOMAIN, "looper", line, takt_os_clock_now_ns() + ANSWER_NS, NULL, NULL);
	call_end(worker, status);
	const enum takt_status expected = random % 16 == 0 ? TAKT_INVALID : TAKT_OK;
	if (status == expected)
		atomic_fetch_add(&worker->place->commands, 1);
	else if (status != TAKT_TIMEOUT && status != TAKT_FULL && status != TAKT_INVALID)
		worker_fail(worker, "command '%s': %s", line, takt_status_name(status));
}

static struct takt_loop loop;
static struct takt_parameters parameters;
static struct gains sets[TAKT_PARAMETER_SET_COUNT];

static void begin_loop(struct worker *worker)
{
	static struct takt_subscriber *triggers[2];
	const struct takt_loop_options options = {.period_ns = LOOP_WAIT_NS, .triggers = triggers, .trigger_count = 2};

	triggers[0] = &worker->subscribers[CLEAN];
	triggers[1] = &worker->subscribers[OWN];
	need(worker, takt_parameters_init(&parameters, &worker->node, &takt_parameters_gains, sets), "have parameters");
	need(worker, takt_loop_begin(&loop, &worker->node, &options), "begin its loop");
}

static void cycle_once(struct worker *worker)
{
	if (loop.node == NULL)
		begin_loop(worker);
	call_begin(worker, "cycle", OWN);
	const enum takt_status status = takt_loop_next(&loop);
	call_end(worker, status);
	if (status != TAKT_OK) {
		worker_fail(worker, "the loop: %s", takt_status_name(status));
		return;
	}
	const struct gains *gains = takt_parameters_read(&parameters);
	if (gains->one < 0 || gains->one > 1000000 || gains->one != gains->same)
		worker_fail(worker, "parameters %lld and %lld were set together", (long long)gains->one,
			    (long long)gains->same);
	for (unsigned i = 0; i < 8; i++) {
		read_topic(worker, CLEAN);
		read_topic(worker, OWN);
	}
}

void visit_step(struct worker *worker)
{
	if (worker->role == COMMAND) {
		command_once(worker);
	} else if (worker->role == LOOP) {
		cycle_once(worker);
		if (atomic_load(&page->publishers_end))
			takt_loop_end(&loop);
	} else if (world_random(&worker->random) % 2) {
		come_and_go(worker);
	} else {
		look_around(worker);
	}
}
