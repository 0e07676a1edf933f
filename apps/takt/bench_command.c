/* SPDX-License-Identifier: Apache-2.0 */
/* `command`: a control command to a node and its answer, there and back, against a line through two bare pipes; and how late a node's
 * cycles begin while its pipe is flooded, against the same node left alone. */
#include <stdio.h>
#include <string.h>

#include "apps/takt/bench_domain.h"
#include "apps/takt/bench_run.h"
#include "core/commander.h"
#include "core/loop.h"
#include "core/parameter.h"
#include "platform/clock.h"
#include "platform/pipe.h"
#include "platform/thread.h"

#define GOAL	   1.3
#define LINE_BYTES 64u
#define PAUSE_NS                                                                                                       \
	(300 * TAKT_NS_PER_US) /* between commands: both sides sleep, and a node obeys 10,000 lines a second at most */
#define REPLY_NAME "reply.bench"
#define REQUEST	   "\n@" REPLY_NAME " ping\n"
#define WAIT_NS	   (2 * TAKT_NS_PER_S)
#define WARM_COUNT 3u

/* Commands come one by one, with pauses, for floor and takt alike. */
static int ask_repeatedly(struct bench_burst *burst, int (*ask)(struct bench_burst *burst))
{
	uint64_t begin_ns = bench_begin(burst);

	for (uint64_t count = 0; begin_ns < burst->shared->stop_ns; count++) {
		takt_os_bench_sleep_until(takt_os_bench_now_ns() + PAUSE_NS);
		begin_ns = takt_os_bench_now_ns();
		if (!ask(burst))
			return 1;
		if (count >= WARM_COUNT)
			bench_histogram_add(&burst->shared->histogram, (takt_os_bench_now_ns() - begin_ns) * 10);
	}
	return 0;
}

/* -------------------------------------------------------------------------------------------------------- floor */

static enum takt_status prepare_floor(struct bench_burst *burst)
{
	burst->link = (struct takt_os_bench_link){.channel = &takt_os_bench_pipe, .bytes = LINE_BYTES};
	return burst->link.channel->create(&burst->link);
}

static void clean_up_floor(struct bench_burst *burst)
{
	burst->link.channel->destroy(&burst->link);
}

static int ask_floor(struct bench_burst *burst)
{
	char line[LINE_BYTES] = "ping";
	return burst->link.channel->send(&burst->link, line) && burst->link.channel->receive(&burst->link, line);
}

static int run_floor(struct bench_burst *burst, uint32_t index)
{
	struct takt_os_bench_link *link = &burst->link;
	char line[LINE_BYTES] = "quit";

	link->side = index;
	if (link->channel->attach(link) != TAKT_OK)
		return 1;
	bench_meet(burst);
	if (index == 0)
		return ask_repeatedly(burst, ask_floor) || !link->channel->send(link, line);
	while (link->channel->receive(link, line) && strcmp(line, "quit") != 0)
		if (!link->channel->send(link, line))
			return 1;
	return 0;
}

/* --------------------------------------------------------------------------------------------------------- takt */

static int command_writer = -1;
static int reply_reader = -1;

static enum takt_status prepare_takt(struct bench_burst *burst)
{
	return bench_config_pair(burst->folder, &(struct bench_topic){.bytes = 64, .depth = 4});
}

static int ask_takt(struct bench_burst *burst)
{
	(void)burst;
	return takt_command_send(BENCH_DOMAIN, "right", "ping", takt_os_clock_now_ns() + WAIT_NS, NULL, NULL) ==
	       TAKT_OK;
}

/* An operator's program that keeps both pipes open, as the protocol in core/command.h allows. */
static int ask_over_kept_pipes(struct bench_burst *burst)
{
	char answer[256];
	uint32_t count, ready;

	(void)burst;
	if (takt_os_pipe_write(command_writer, REQUEST, sizeof(REQUEST) - 1) != TAKT_OK ||
	    takt_os_pipe_wait(&reply_reader, 1, takt_os_clock_now_ns() + WAIT_NS, &ready) != TAKT_OK)
		return 0;
	return takt_os_pipe_read(reply_reader, answer, sizeof(answer), &count) == TAKT_OK && answer[count - 1] == '\n';
}

static enum takt_status open_pipes(void)
{
	const struct takt_os_rights rights = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0620};
	int folder;
	enum takt_status status = takt_os_folder_open(&folder, TAKT_FOLDER_PREFIX BENCH_DOMAIN, NULL);

	if (status == TAKT_OK)
		status = takt_os_fifo_create(folder, REPLY_NAME, &rights);
	if (status == TAKT_OK)
		status = takt_os_fifo_open_reader(&reply_reader, folder, REPLY_NAME, &rights);
	if (status == TAKT_OK)
		status = takt_os_fifo_open_writer(&command_writer, folder, "command.right");
	return status;
}

static int run_takt(struct bench_burst *burst, uint32_t index)
{
	static struct takt_node node;
	int keeps_pipes = burst->subject->variant != 0;

	if (index == 1 &&
	    (bench_join(&node, burst->folder, "right") != TAKT_OK || takt_node_set_ready(&node) != TAKT_OK))
		return 1;
	bench_meet(burst);
	if (index == 1) {
		bench_idle(burst);
		takt_node_leave(&node);
		return 0;
	}
	if (keeps_pipes && open_pipes() != TAKT_OK)
		return 1;
	int result = ask_repeatedly(burst, keeps_pipes ? ask_over_kept_pipes : ask_takt);
	bench_end(burst);
	return result;
}

/* -------------------------------------------------------------------------------------------------- under a flood */

#define FLOOD_GOAL	  1.5
#define FLOOD_PERIOD_NS	  TAKT_NS_PER_MS
#define FLOOD_WEIGHT	  3.0 /* p99.9 wants many periods */
#define FLOOD_PAIRS	  5u
#define FLOOD_PAIRS_QUICK 2u
#define FLOOD_WARM_COUNT  10u
#define FLOOD_FULL_NS	  (20 * TAKT_NS_PER_MS) /* a writer that finds no room looks at the end again after so long */

struct flood_set {
	double gain;
	double limit;
};
TAKT_PARAMETERS(flood, struct flood_set, TAKT_PARAMETER(struct flood_set, gain, TAKT_F64, 1.0, 0.0, 10.0, ""),
		TAKT_PARAMETER(struct flood_set, limit, TAKT_F64, 1.0, 0.0, 10.0, ""));

static enum takt_status prepare_flooded(struct bench_burst *burst)
{
	const struct bench_options *options = burst->options;
	struct bench_config config;

	bench_config_begin(&config);
	bench_config_topic(&config, &(struct bench_topic){.name = "there", .bytes = LINE_BYTES, .depth = 4});
	bench_config_nodes(&config);
	bench_config_add(&config, "  - name: left\n    program: bench\n    publishes: [there]\n    subscribes: []\n");
	if (options->priority)
		bench_config_add(&config, "    scheduler: {policy: fifo, priority: %u, cpus: [%u]}\n",
				 options->priority, options->cpus[0]);
	else
		bench_config_add(&config, "    scheduler: {cpus: [%u]}\n", options->cpus[0]);
	return bench_config_write(&config, burst->folder);
}

static int run_flooded_loop(struct bench_burst *burst)
{
	static struct takt_node node;
	static struct takt_loop loop;
	static struct takt_parameters parameters;
	static struct flood_set sets[TAKT_PARAMETER_SET_COUNT];

	if (bench_join(&node, burst->folder, "left") != TAKT_OK ||
	    takt_parameters_init(&parameters, &node, &takt_parameters_flood, sets) != TAKT_OK ||
	    takt_node_set_ready(&node) != TAKT_OK)
		return 1;
	bench_meet(burst);
	if (takt_loop_begin(&loop, &node, &(struct takt_loop_options){.period_ns = FLOOD_PERIOD_NS}) != TAKT_OK)
		return 1;
	(void)bench_begin(burst);
	for (uint64_t cycle = 0; takt_loop_next(&loop) == TAKT_OK; cycle++) {
		uint64_t now_ns = takt_os_bench_now_ns();
		if (cycle >= FLOOD_WARM_COUNT)
			bench_histogram_add(&burst->shared->histogram,
					    now_ns > loop.due_ns ? (now_ns - loop.due_ns) * 10 : 0);
		if (now_ns >= burst->shared->stop_ns)
			break;
	}
	bench_end(burst);
	takt_loop_end(&loop);
	takt_node_leave(&node);
	return 0;
}

static enum takt_status open_command(int *descriptor)
{
	int folder;
	enum takt_status status = takt_os_folder_open(&folder, TAKT_FOLDER_PREFIX BENCH_DOMAIN, NULL);

	if (status == TAKT_OK)
		status = takt_os_fifo_open_writer(descriptor, folder, "command.left");
	takt_os_folder_close(&folder);
	return status;
}

/* Writes as fast as the pipe takes it, at ordinary priority like a shell. */
static int run_flooder(struct bench_burst *burst)
{
	static const char *const lines[] = {"set gain=2 limit=3\n", "set gain=11\n", "nonsense\n", "\x01\x02\x03\n",
					    "@reply.nobody ping\n"};
	uint32_t line = 0;

	while (!atomic_load_explicit(&burst->shared->is_over, memory_order_acquire)) {
		const char *text = lines[line++ % (sizeof(lines) / sizeof(lines[0]))];
		enum takt_status status = takt_os_pipe_write_until(command_writer, text, (uint32_t)strlen(text),
								   takt_os_clock_now_ns() + FLOOD_FULL_NS);
		/* The node has left, which is how it ends. */
		if (status != TAKT_OK && status != TAKT_FULL)
			break;
	}
	return 0;
}

/* @param index 0: the loop; 1: the flood, where the variant wants one */
static int run_flooded(struct bench_burst *burst, uint32_t index)
{
	if (index == 0)
		return run_flooded_loop(burst);
	/* Joined to the others before the loop's pipe is surely there: opened behind the meeting. */
	bench_meet(burst);
	if (burst->subject->variant == 0) {
		bench_idle(burst);
		return 0;
	}
	const struct takt_os_schedule ordinary = {.cpu_mask = UINT64_C(1) << (burst->options->cpus[1] & 63u)};
	(void)!takt_os_thread_schedule(&ordinary);
	return open_command(&command_writer) != TAKT_OK || run_flooder(burst);
}

static void compare_flooded(struct bench *bench)
{
	struct bench_case wanted = {.test = "command",
				    .metric = BENCH_P999,
				    .goal = FLOOD_GOAL,
				    .pairs = bench->options.is_quick ? FLOOD_PAIRS_QUICK : FLOOD_PAIRS,
				    .weight = FLOOD_WEIGHT};

	wanted.floor = (struct bench_subject){.run = run_flooded, .prepare = prepare_flooded, .process_count = 2};
	wanted.takt = wanted.floor;
	wanted.takt.variant = 1;
	(void)snprintf(wanted.name, sizeof(wanted.name), "1 kHz, flooded, cycle begins late by");
	(void)bench_compare(bench, &wanted);
}

void bench_command(struct bench *bench)
{
	struct bench_case wanted = {.test = "command", .metric = BENCH_P50, .goal = GOAL};

	wanted.floor = (struct bench_subject){.run = run_floor,
					      .prepare = prepare_floor,
					      .clean_up = clean_up_floor,
					      .process_count = 2};
	wanted.takt = (struct bench_subject){.run = run_takt, .prepare = prepare_takt, .process_count = 2};
	(void)snprintf(wanted.name, sizeof(wanted.name), "ping, there and back");
	(void)bench_compare(bench, &wanted);
	wanted.takt.variant = 1;
	(void)snprintf(wanted.name, sizeof(wanted.name), "ping, both pipes kept open");
	(void)bench_compare(bench, &wanted);
	compare_flooded(bench);
}
