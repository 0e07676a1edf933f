/* SPDX-License-Identifier: Apache-2.0 */
/* `command`: a control command to a node and its answer, there and back, against a line through two bare pipes. */
#include <stdio.h>
#include <string.h>

#include "apps/takt/bench_domain.h"
#include "apps/takt/bench_run.h"
#include "core/commander.h"
#include "platform/clock.h"
#include "platform/pipe.h"

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
}
