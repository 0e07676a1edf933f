/* SPDX-License-Identifier: Apache-2.0 */
/* `periodic`: how late a loop's cycles begin, and how late their samples reach a sleeping reader, against a bare sleeping loop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bench_domain.h"
#include "apps/takt/bench_run.h"
#include "core/loop.h"
#include "core/topic.h"
#include "platform/clock.h"

#define GOAL	   1.1
#define BYTES	   64u
#define WEIGHT	   3.0 /* p99.9 wants many periods */
#define PAIRS	   5u
#define WARM_COUNT 10u
#define PAIR_DEPTH 64u

static void record(struct bench_burst *burst, uint64_t due_ns, uint64_t now_ns, uint64_t cycle)
{
	if (cycle >= WARM_COUNT)
		bench_histogram_add(&burst->shared->histogram, now_ns > due_ns ? (now_ns - due_ns) * 10 : 0);
}

/* Periods that have passed are left out, as takt's loop does. */
static uint64_t next_due(uint64_t due_ns, uint64_t period_ns)
{
	uint64_t now_ns = takt_os_bench_now_ns();

	due_ns += period_ns;
	return now_ns < due_ns + period_ns ? due_ns : due_ns + (now_ns - due_ns) / period_ns * period_ns;
}

/* --------------------------------------------------------------------------------------------------- one process */

static int run_bare_loop(struct bench_burst *burst, uint32_t index)
{
	uint64_t period_ns = burst->subject->period_ns;

	(void)index;
	bench_meet(burst);
	uint64_t due_ns = bench_begin(burst);
	for (uint64_t cycle = 0; due_ns < burst->shared->stop_ns; cycle++) {
		due_ns = next_due(due_ns, period_ns);
		takt_os_bench_sleep_until(due_ns);
		record(burst, due_ns, takt_os_bench_now_ns(), cycle);
	}
	return 0;
}

static enum takt_status prepare_loop(struct bench_burst *burst)
{
	const struct bench_options *options = burst->options;
	struct bench_config config;

	bench_config_begin(&config);
	bench_config_topic(&config, &(struct bench_topic){.name = "there", .bytes = BYTES, .depth = 4});
	bench_config_nodes(&config);
	bench_config_add(&config, "  - name: left\n    program: bench\n    publishes: [there]\n    subscribes: []\n");
	if (options->priority)
		bench_config_add(&config, "    scheduler: {policy: fifo, priority: %u, cpus: [%u]}\n",
				 options->priority, options->cpus[0]);
	else
		bench_config_add(&config, "    scheduler: {cpus: [%u]}\n", options->cpus[0]);
	return bench_config_write(&config, burst->folder);
}

static int run_takt_loop(struct bench_burst *burst, uint32_t index)
{
	static struct takt_node node;
	static struct takt_loop loop;

	(void)index;
	if (bench_join(&node, burst->folder, "left") != TAKT_OK)
		return 1;
	bench_meet(burst);
	if (takt_loop_begin(&loop, &node, &(struct takt_loop_options){.period_ns = burst->subject->period_ns}) !=
	    TAKT_OK)
		return 1;
	(void)bench_begin(burst);
	for (uint64_t cycle = 0; takt_loop_next(&loop) == TAKT_OK; cycle++) {
		uint64_t now_ns = takt_os_bench_now_ns();
		record(burst, loop.due_ns, now_ns, cycle);
		if (now_ns >= burst->shared->stop_ns)
			break;
	}
	takt_loop_end(&loop);
	takt_node_leave(&node);
	return 0;
}

/* ------------------------------------------------------------------------------------------------ to a second one */

/* Both sides of both subjects: a bare sleeping loop sends when each sample was due, a sleeping reader looks at the clock. */
static int send_periodically(struct bench_burst *burst, unsigned char *message)
{
	struct takt_os_bench_link *link = &burst->link;
	uint64_t due_ns = bench_begin(burst), last = 0, sent = 0, credit = 0;

	while (due_ns < burst->shared->stop_ns) {
		due_ns = next_due(due_ns, burst->subject->period_ns);
		takt_os_bench_sleep_until(due_ns);
		if (burst->subject->sleeps && !bench_credit_wait(burst, sent++, &credit))
			return 1;
		memcpy(message, &due_ns, sizeof(due_ns));
		if (!link->channel->send(link, message))
			return 1;
	}
	if (burst->subject->sleeps && !bench_credit_wait(burst, sent, &credit))
		return 1;
	/* The last one is read before the end is told: a semaphore's payload is no queue. */
	takt_os_bench_sleep_until(takt_os_bench_now_ns() + 10 * TAKT_NS_PER_MS);
	memcpy(message, &last, sizeof(last));
	return !link->channel->send(link, message);
}

static int receive_periodically(struct bench_burst *burst, unsigned char *message)
{
	struct takt_os_bench_link *link = &burst->link;
	uint64_t due_ns;

	for (uint64_t cycle = 0;; cycle++) {
		if (!link->channel->receive(link, message))
			return 1;
		uint64_t now_ns = takt_os_bench_now_ns();
		memcpy(&due_ns, message, sizeof(due_ns));
		if (due_ns == 0)
			return 0;
		record(burst, due_ns, now_ns, cycle);
		if (burst->subject->sleeps)
			bench_credit_give(burst, cycle + 1);
	}
}

static enum takt_status prepare_pair(struct bench_burst *burst)
{
	burst->link = (struct takt_os_bench_link){.channel = burst->subject->channel,
						  .bytes = burst->subject->bytes,
						  .slot_count = burst->subject->depth,
						  .folder = burst->folder};
	takt_os_bench_sem_init(&burst->shared->sems[0]);
	return burst->link.channel->create(&burst->link);
}

static void clean_up_pair(struct bench_burst *burst)
{
	burst->link.channel->destroy(&burst->link);
}

static int run_pair(struct bench_burst *burst, uint32_t index)
{
	struct takt_os_bench_link *link = &burst->link;

	unsigned char *message = bench_message_make(link->bytes);

	link->side = index;
	if (message == NULL || (link->channel->attach && link->channel->attach(link) != TAKT_OK))
		return 1;
	bench_meet(burst);
	int result = index == 0 ? send_periodically(burst, message) : receive_periodically(burst, message);
	if (result == 0)
		bench_part(burst);
	if (link->channel->detach)
		link->channel->detach(link);
	free(message);
	return result;
}

/* ------------------------------------------------------------------------------------------------------ subjects */

struct bench_subject bench_periodic_pair(const struct takt_os_bench_channel *channel, uint32_t bytes,
					 uint64_t period_ns)
{
	return (struct bench_subject){.run = run_pair,
				      .prepare = prepare_pair,
				      .clean_up = clean_up_pair,
				      .channel = channel,
				      .process_count = 2,
				      .bytes = bytes,
				      .depth = PAIR_DEPTH,
				      .period_ns = period_ns};
}

static void compare_period(struct bench *bench, uint64_t period_ns, const char *rate)
{
	struct bench_case wanted = {.test = "periodic",
				    .metric = BENCH_P999,
				    .goal = GOAL,
				    .pairs = bench->options.is_quick ? 2 : PAIRS,
				    .weight = WEIGHT};

	(void)snprintf(wanted.name, sizeof(wanted.name), "%s, cycle begins late by", rate);
	wanted.floor = (struct bench_subject){.run = run_bare_loop, .process_count = 1, .period_ns = period_ns};
	wanted.takt = (struct bench_subject){.run = run_takt_loop,
					     .prepare = prepare_loop,
					     .process_count = 1,
					     .period_ns = period_ns};
	(void)bench_compare(bench, &wanted);
	(void)snprintf(wanted.name, sizeof(wanted.name), "%s, due to read in a sleeper", rate);
	wanted.floor = bench_periodic_pair(&takt_os_bench_sems, BYTES, period_ns);
	wanted.takt = bench_periodic_pair(&bench_takt_wake, BYTES, period_ns);
	(void)bench_compare(bench, &wanted);
}

void bench_periodic(struct bench *bench)
{
	compare_period(bench, TAKT_NS_PER_MS, "1 kHz");
	compare_period(bench, TAKT_NS_PER_MS / 10, "10 kHz");
}
