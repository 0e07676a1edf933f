/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nodes of tests/trace/domain.yaml; TAKT_NODE says which one this process is. Each ends by itself, after a number of samples that it
 * prints, so that what was traced can be counted to the last one.
 *	source		CYCLES cycles: publishes, lends, bursts; sleeps SLEEP_NS in cycle SLOW_CYCLE
 *	sink		reads all that source publishes, answers, borrows, obeys `mark`
 *	victim		holds a place, a topic, a pin and a topic's lock, and is killed
 *	pusher, worker	a queue: JOB_COUNT pushed of which DEPTH fit; worker dies with one in hand, and its next life does them all
 *	holder, taker	meet at a lock: taker gives up once, and then waits until holder has seen that it waits
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/layout.h"
#include "core/protocol/lock.h"
#include "core/publish_right.h"
#include "core/takt.h"
#include "platform/clock.h"
#include "platform/sem.h"

#define CYCLES	    400u
#define SLOW_CYCLE  200u
#define SLEEP_NS    (5 * TAKT_NS_PER_MS)
#define BURST_COUNT 20u
#define JOB_COUNT   6u
#define BOUND_NS    (20 * TAKT_NS_PER_S) /* of waiting for another process */

struct beat {
	uint64_t count;
	uint64_t reserved;
};
TAKT_TYPE(beat, struct beat, TAKT_FIELD(struct beat, count, TAKT_U64, 1, "beats"),
	  TAKT_FIELD(struct beat, reserved, TAKT_U64, 1, ""));

struct gains {
	double gain;
};
TAKT_PARAMETERS(gains, struct gains, TAKT_PARAMETER(struct gains, gain, TAKT_F64, 1.0, 0.0, 10.0, "V"));

static struct takt_node node;
static struct takt_loop loop;
static struct takt_publisher fast, burst, shared, out, last, told;
static struct takt_subscriber fast_in, burst_in, shared_in, told_in;
static struct takt_parameters parameters;
static struct gains sets[TAKT_PARAMETER_SET_COUNT];
static struct beat beat;

#define MUST(call)                                                                                                     \
	do {                                                                                                           \
		enum takt_status must = (call);                                                                        \
		if (must != TAKT_OK) {                                                                                 \
			(void)fprintf(stderr, "%s:%d: " #call ": %s\n", __FILE__, __LINE__, takt_status_name(must));   \
			return 1;                                                                                      \
		}                                                                                                      \
	} while (0)

static int publish(struct takt_publisher *publisher, const struct takt_origin *origin)
{
	beat.count++;
	MUST(takt_publish(publisher, &beat, origin));
	return 0;
}

static int lend(uint64_t cycle)
{
	struct takt_loan loan;
	MUST(takt_publisher_loan(&shared, &loan));
	((struct beat *)loan.payload)->count = cycle;
	if (cycle % 20 == 0)
		takt_publisher_abandon(&shared, &loan);
	else
		MUST(takt_publish_loan(&shared, &loan, NULL));
	return 0;
}

static int run_source(void)
{
	MUST(takt_publisher_attach(&fast, &node, "fast", &takt_type_beat));
	MUST(takt_publisher_attach(&burst, &node, "burst", &takt_type_beat));
	MUST(takt_publisher_attach(&shared, &node, "shared", &takt_type_beat));
	MUST(takt_loop_begin(&loop, &node, &(struct takt_loop_options){0}));
	while (loop.cycle_count < CYCLES && takt_loop_next(&loop) == TAKT_OK) {
		uint32_t count = loop.cycle_count % 10 == 0 ? BURST_COUNT : 1;
		if (loop.cycle_count == SLOW_CYCLE)
			(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + SLEEP_NS);
		for (uint32_t i = 0; i < count; i++)
			if (publish(&burst, NULL))
				return 1;
		if (loop.cycle_count % 5 == 0 ? lend(loop.cycle_count) : publish(&shared, NULL))
			return 1;
		if (publish(&fast, NULL))
			return 1;
	}
	takt_loop_end(&loop);
	takt_publisher_detach(&fast);
	takt_publisher_detach(&burst);
	takt_publisher_detach(&shared);
	return 0;
}

static enum takt_status mark(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	(void)context;
	(void)snprintf(reply, reply_bytes, "marked %s", arguments);
	return TAKT_OK;
}

static int read_all(void)
{
	struct takt_sample_info info;
	struct takt_borrow borrow;
	while (takt_read_next(&fast_in, &beat, &info) == TAKT_OK)
		if (publish(&out, &info.origin))
			return 1;
	while (takt_read_next(&burst_in, &beat, &info) == TAKT_OK)
		continue;
	enum takt_status status = takt_borrow_latest(&shared_in, &borrow, &info);
	if (status == TAKT_OK)
		MUST(takt_return(&shared_in, &borrow));
	else if (status != TAKT_EMPTY)
		MUST(status);
	return 0;
}

static int run_sink(void)
{
	static const struct takt_command commands[] = {{"mark", "mark TEXT: is executed by the loop", mark, NULL}};
	struct takt_subscriber *triggers[] = {&fast_in};
	MUST(takt_publisher_attach(&out, &node, "out", &takt_type_beat));
	MUST(takt_subscriber_attach(&fast_in, &node, "fast", &takt_type_beat, NULL));
	MUST(takt_subscriber_attach(&burst_in, &node, "burst", &takt_type_beat, NULL));
	MUST(takt_subscriber_attach(&shared_in, &node, "shared", &takt_type_beat,
				    &(struct takt_subscriber_options){.borrows = 1}));
	MUST(takt_parameters_init(&parameters, &node, &takt_parameters_gains, sets));
	MUST(takt_commands_set(&node, commands, 1));
	MUST(takt_loop_begin(&loop, &node, &(struct takt_loop_options){.triggers = triggers, .trigger_count = 1}));
	(void)printf("ready\n");
	(void)fflush(stdout);
	while (fast_in.next <= CYCLES && takt_loop_next(&loop) == TAKT_OK)
		if (read_all())
			return 1;
	takt_loop_end(&loop);
	takt_publisher_detach(&out);
	takt_subscriber_detach(&fast_in);
	takt_subscriber_detach(&burst_in);
	takt_subscriber_detach(&shared_in);
	return 0;
}

/* Killed while it holds all that a node can hold. */
static int run_victim(const char *way)
{
	struct takt_borrow borrow;
	MUST(takt_publisher_attach(&last, &node, "last", &takt_type_beat));
	MUST(takt_publisher_attach(&shared, &node, "shared", &takt_type_beat));
	MUST(takt_subscriber_attach(&shared_in, &node, "shared", &takt_type_beat,
				    &(struct takt_subscriber_options){.borrows = 2}));
	if (strcmp(way, "live") == 0)
		return 0;
	if (publish(&shared, NULL))
		return 1;
	MUST(takt_borrow_latest(&shared_in, &borrow, NULL));
	MUST(takt_publisher_lock(&shared));
	return raise(SIGKILL);
}

static int run_holder(void)
{
	uint64_t end_ns = takt_os_clock_now_ns() + BOUND_NS;
	struct takt_lock_shm *lock;
	MUST(takt_publisher_attach(&shared, &node, "shared", &takt_type_beat));
	MUST(takt_subscriber_attach(&told_in, &node, "told", &takt_type_beat, NULL));
	MUST(takt_publisher_lock(&shared));
	lock = shared.lock.shared;
	(void)printf("held\n");
	(void)fflush(stdout);
	while (!takt_subscriber_has_news(&told_in) && takt_os_clock_now_ns() < end_ns)
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS);
	/* Its first wait set the bit too: behind this only the second can. */
	(void)atomic_fetch_and(&lock->owner, TAKT_LOCK_OWNER_MASK);
	(void)printf("cleared\n");
	(void)fflush(stdout);
	while (!(atomic_load(&lock->owner) & TAKT_LOCK_CONTENDED) && takt_os_clock_now_ns() < end_ns)
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS / 10);
	takt_publisher_unlock(&shared);
	takt_publisher_detach(&shared);
	takt_subscriber_detach(&told_in);
	return takt_os_clock_now_ns() >= end_ns;
}

static int run_taker(void)
{
	MUST(takt_publisher_attach(&told, &node, "told", &takt_type_beat));
	enum takt_status status = takt_publisher_attach(&shared, &node, "shared", &takt_type_beat);
	MUST(status);
	(void)printf("attached\n");
	(void)fflush(stdout);
	/* Until holder has the lock. */
	if (getchar() == EOF)
		return 1;
	status = takt_publish(&shared, &beat, NULL);
	if (status != TAKT_TIMEOUT)
		return 2;
	if (publish(&told, NULL))
		return 1;
	while ((status = takt_publish(&shared, &beat, NULL)) == TAKT_TIMEOUT)
		continue;
	MUST(status);
	takt_publisher_detach(&shared);
	takt_publisher_detach(&told);
	return 0;
}

static int run_pusher(void)
{
	static struct takt_producer jobs;
	MUST(takt_producer_attach(&jobs, &node, "jobs", &takt_type_beat));
	for (beat.count = 1; beat.count <= JOB_COUNT; beat.count++) {
		enum takt_status status = takt_queue_push(&jobs, &beat, 0, NULL);
		if (status != TAKT_FULL)
			MUST(status);
	}
	takt_producer_detach(&jobs);
	return 0;
}

static int run_worker(const char *way)
{
	static struct takt_consumer jobs;
	struct takt_item item;
	MUST(takt_consumer_attach(&jobs, &node, "jobs", &takt_type_beat));
	MUST(takt_queue_take(&jobs, TAKT_BAND_ANY, &beat, &item));
	if (strcmp(way, "live") != 0)
		return raise(SIGKILL);
	/* Once more, by its own will. */
	MUST(takt_queue_return(&jobs, &item));
	while (takt_queue_take(&jobs, TAKT_BAND_ANY, &beat, &item) == TAKT_OK)
		MUST(takt_queue_acknowledge(&jobs, &item));
	takt_consumer_detach(&jobs);
	return 0;
}

int main(int count, char **words)
{
	int result = 1;
	MUST(takt_node_join(&node, NULL, NULL));
	if (strcmp(node.name, "source") == 0)
		result = run_source();
	else if (strcmp(node.name, "sink") == 0)
		result = run_sink();
	else if (strcmp(node.name, "victim") == 0)
		result = run_victim(count > 1 ? words[1] : "");
	else if (strcmp(node.name, "pusher") == 0)
		result = run_pusher();
	else if (strcmp(node.name, "worker") == 0)
		result = run_worker(count > 1 ? words[1] : "");
	else if (strcmp(node.name, "holder") == 0)
		result = run_holder();
	else if (strcmp(node.name, "taker") == 0)
		result = run_taker();
	takt_node_leave(&node);
	return result;
}
