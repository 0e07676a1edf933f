/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/failing/bystander.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/node.h"
#include "core/topic.h"
#include "core/waiter.h"
#include "platform/clock.h"
#include "tests/failing/stage.h"

#define ROUND_NS (500 * TAKT_NS_PER_US)
/* A publish sleeps for nothing but the lock of `pair`, whose bound is 1 s and would be a status. What a busy machine may add to that is not
 * measured here: only a publish that hangs. */
#define PUBLISH_NS_MAX (10 * TAKT_NS_PER_S)
#define ROUND_WAIT_S   10

struct bystander *bystander;
static pid_t process;

static struct takt_node node;
static struct takt_publisher beat, pair;
static struct takt_subscriber reads[3];
static struct takt_waiter waiter;

static void complain(const char *what, enum takt_status status)
{
	if (atomic_fetch_add_explicit(&bystander->bad_count, 1, memory_order_seq_cst) == 0)
		(void)snprintf(bystander->bad, sizeof(bystander->bad), "%s: %s", what, takt_status_name(status));
}

static void publish(struct takt_publisher *publisher, uint64_t seed)
{
	const struct message message = message_of(seed);
	const uint64_t began_ns = takt_os_clock_now_ns();
	const enum takt_status status = takt_publish(publisher, &message, NULL);
	const uint64_t span_ns = takt_os_clock_now_ns() - began_ns;

	if (status != TAKT_OK)
		complain("its publish", status);
	if (span_ns > atomic_load_explicit(&bystander->publish_ns_max, memory_order_relaxed))
		atomic_store_explicit(&bystander->publish_ns_max, span_ns, memory_order_relaxed);
	if (span_ns > PUBLISH_NS_MAX)
		complain("its publish took longer than its bound", status);
}

static void read_all(struct takt_subscriber *subscriber)
{
	struct message message;
	struct takt_sample_info info;
	enum takt_status status;

	while ((status = takt_read_next(subscriber, &message, &info)) == TAKT_OK) {
		if (!message_is_whole(&message))
			complain("it read half a sample", TAKT_CORRUPT);
		if (subscriber->got + subscriber->lost + subscriber->skipped != subscriber->next - subscriber->start)
			complain("its account is not exact", TAKT_CORRUPT);
	}
	if (status != TAKT_EMPTY && status != TAKT_OVERTAKEN)
		complain("its read", status);
}

static int join(void)
{
	static const char *const topics[] = {"beat", "solo", "pair"};
	char config[STAGE_PATH_BYTES];

	stage_config("failing", config);
	int is_well = takt_node_join(&node, config, "bystander") == TAKT_OK &&
		      takt_publisher_attach(&beat, &node, "beat", message_type) == TAKT_OK &&
		      takt_publisher_attach(&pair, &node, "pair", message_type) == TAKT_OK &&
		      takt_waiter_init(&waiter, &node, 0) == TAKT_OK;
	for (int i = 0; i < 3 && is_well; i++)
		is_well = takt_subscriber_attach(&reads[i], &node, topics[i], message_type, NULL) == TAKT_OK;
	return is_well && takt_waiter_add(&waiter, &reads[1]) == TAKT_OK && takt_node_set_ready(&node) == TAKT_OK;
}

/* Its own beat: it read as many as it published, none lost, since it reads after each. */
static void check_own(uint64_t round)
{
	if (reads[0].got != round || reads[0].lost != 0)
		complain("it does not get its own samples", TAKT_CORRUPT);
}

static void run(void)
{
	for (uint64_t round = 1; !atomic_load_explicit(&bystander->is_to_end, memory_order_seq_cst); round++) {
		const enum takt_status status = takt_wait_until(&waiter, takt_os_clock_now_ns() + ROUND_NS);

		if (status != TAKT_OK && status != TAKT_TIMEOUT)
			complain("its wait", status);
		publish(&beat, round);
		publish(&pair, round);
		for (int i = 0; i < 3; i++)
			read_all(&reads[i]);
		check_own(round);
		atomic_store_explicit(&bystander->beat_count, round, memory_order_seq_cst);
		atomic_store_explicit(&bystander->is_ready, 1, memory_order_seq_cst);
	}
}

__attribute__((noreturn)) static void be_bystander(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!join())
		_exit(2);
	run();
	for (int i = 0; i < 3; i++)
		takt_subscriber_detach(&reads[i]);
	takt_publisher_detach(&pair);
	takt_publisher_detach(&beat);
	takt_node_leave(&node);
	_exit(0);
}

static int has_ended(void)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

int bystander_start(void)
{
	process = fork();
	if (process == 0)
		be_bystander();
	while (process > 0 && !atomic_load_explicit(&bystander->is_ready, memory_order_seq_cst)) {
		if (has_ended())
			return 0;
		(void)sched_yield();
	}
	return process > 0;
}

int bystander_stop(void)
{
	int how = 0;

	atomic_store_explicit(&bystander->is_to_end, 1, memory_order_seq_cst);
	return waitpid(process, &how, 0) == process && WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

void bystander_check(void)
{
	if (atomic_load_explicit(&bystander->bad_count, memory_order_seq_cst) == 0)
		return;
	bad("the bystander was harmed: %s", bystander->bad);
	atomic_store_explicit(&bystander->bad_count, 0, memory_order_seq_cst);
}

void bystander_wait_round(void)
{
	const uint64_t begin = atomic_load_explicit(&bystander->beat_count, memory_order_seq_cst);
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	const time_t end_s = now.tv_sec + ROUND_WAIT_S;
	/* The round under way began before. */
	while (atomic_load_explicit(&bystander->beat_count, memory_order_seq_cst) < begin + 2) {
		(void)sched_yield();
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= end_s) {
			bad("the bystander stands still");
			return;
		}
	}
}
