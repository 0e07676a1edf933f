/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures one latency inside an emulated board in virtual time, and prints "BOARD FIGURE NAME P50 P99 MAX MEAN" in ns.
 *
 *	latency CONFIG FIGURE [FILE]    FILE: every round, "DUE_NS LATENCY_NS" a line
 *	latency CONFIG chain            its rounds come from standard input, one latency in ns a line
 *
 * What a wake-up costs depends on when it falls between two of the kernel's ticks: one that meets the tick waits for it. A loop whose
 * period divides the tick meets few such phases, and which of them depends on how long the board took to boot. Here rounds begin
 * PERIOD_US apart, twice a prime, so each second microsecond of the tick is met by exactly one round of a sweep, and by every sweep again:
 * the figures are those of the path, and not of the phase. P50, P99 and MAX are over the phases, of each the least of the figure's sweeps: so
 * many that what the background does at times of its own is in none of the longest phases any more. The longer a path is, the more it takes.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/loop.h"
#include "core/topic.h"
#include "core/type.h"
#include "core/waiter.h"
#include "platform/clock.h"
#include "platform/folder.h"
#include "platform/pipe.h"

#define PERIOD_US	1018u
#define STEP_US		2u /* between the phases that are met */
#define SWEEP_COUNT_MAX 10u
#define PERIOD_NS	(PERIOD_US * TAKT_NS_PER_US)
#define WARM_COUNT	100u
#define TICK_US_MAX	10000u
#define ROUNDS_MAX	(WARM_COUNT + SWEEP_COUNT_MAX * TICK_US_MAX / STEP_US + 1)
#define LEAD_NS		(200 * TAKT_NS_PER_MS) /* until the first round: the partner sleeps by then */
#define PRIORITY	80
#define LINE_BYTES	64u
#define REPLY_NAME	"reply.latency"
#define REQUEST		"\n@" REPLY_NAME " ping\n"
#define WAIT_NS		(2 * TAKT_NS_PER_S)

struct sample {
	unsigned char bytes[64];
};
TAKT_TYPE(sample, struct sample, TAKT_FIELD(struct sample, bytes, TAKT_U8, 64, ""));

struct round {
	uint64_t due_ns;
	uint64_t latency_ns;
};

static const char *config;
static uint32_t sweep_count;
static uint32_t phase_count;
static uint32_t round_count; /* with those that warm up, and the last, behind which the partner goes */
static uint64_t tick_ns;
static struct round rounds[ROUNDS_MAX];

/* -------------------------------------------------------------------------------------------------------- rounds */

_Noreturn static void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "latency: %s: %s\n", what, why);
	exit(1);
}

static void must(int is_true, const char *what)
{
	if (!is_true)
		fail(what, errno ? strerror(errno) : "it did not succeed");
}

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * TAKT_NS_PER_S + (uint64_t)now.tv_nsec;
}

static void sleep_until(uint64_t due_ns)
{
	const struct timespec due = {.tv_sec = (time_t)(due_ns / TAKT_NS_PER_S),
				     .tv_nsec = (long)(due_ns % TAKT_NS_PER_S)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
		;
}

/* The coarse clock advances with the kernel's tick. */
static void learn_tick(void)
{
	struct timespec tick;

	must(clock_getres(CLOCK_MONOTONIC_COARSE, &tick) == 0, "the kernel's tick");
	tick_ns = (uint64_t)tick.tv_nsec;
	if (tick.tv_sec || tick_ns % TAKT_NS_PER_US || tick_ns / TAKT_NS_PER_US > TICK_US_MAX ||
	    tick_ns / TAKT_NS_PER_US < 100)
		fail("the kernel's tick", "expected whole microseconds, 100 to 10000");
	phase_count = (uint32_t)(tick_ns / TAKT_NS_PER_US / STEP_US);
	round_count = WARM_COUNT + sweep_count * phase_count + 1;
}

/* Behind every preparation: who first wants a random number may have to wait for one that other threads make. */
static void become_real_time(void)
{
	const struct sched_param parameter = {.sched_priority = PRIORITY};

	must(sched_setscheduler(0, SCHED_FIFO, &parameter) == 0, "SCHED_FIFO");
	must(mlockall(MCL_CURRENT | MCL_FUTURE) == 0, "locking memory");
	memset(rounds, 1, sizeof(rounds));
}

static long fault_count(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

/* Begins at the same phase of the tick in every run. */
static uint64_t first_due(void)
{
	return (now_ns() + LEAD_NS) / tick_ns * tick_ns;
}

/* @param ways 2: `exchange` goes there and back, and one way is wanted */
static void measure(int (*exchange)(void), uint32_t ways)
{
	uint64_t due_ns = first_due();
	long faults = 0;

	for (uint32_t i = 0; i < round_count; i++, due_ns += PERIOD_NS) {
		if (i == WARM_COUNT)
			faults = fault_count();
		sleep_until(due_ns);
		uint64_t begin_ns = exchange ? now_ns() : due_ns;
		if (exchange && !exchange())
			fail("a round", "it was not answered");
		rounds[i] = (struct round){due_ns, (now_ns() - begin_ns) / ways};
	}
	if (fault_count() != faults)
		fail("page faults", "expected none while it measures");
}

/* Runs `answer` once for every round, in a process of its own. */
static pid_t start_partner(void (*prepare)(void), int (*answer)(void))
{
	pid_t partner = fork();

	must(partner >= 0, "fork");
	if (partner)
		return partner;
	if (prepare)
		prepare();
	become_real_time();
	for (uint32_t i = 0; i < round_count; i++)
		if (!answer())
			fail("the partner", "it could not answer");
	exit(0);
}

static void wait_for_partner(pid_t partner)
{
	int status;

	must(waitpid(partner, &status, 0) == partner && WIFEXITED(status) && WEXITSTATUS(status) == 0, "the partner");
}

/* --------------------------------------------------------------------------------------------------------- sleep */

static void bare_sleep(void)
{
	become_real_time();
	measure(NULL, 1);
}

static void wake_up(void)
{
	static struct takt_node node;
	static struct takt_loop loop;

	must(takt_node_join(&node, config, "left") == TAKT_OK, "joining");
	become_real_time();
	must(takt_loop_begin(&loop, &node, &(struct takt_loop_options){.period_ns = PERIOD_NS}) == TAKT_OK, "the loop");
	/* Its periods count from here: at the same phase as the bare loop's. */
	loop.due_ns = first_due();
	for (uint32_t i = 0; i < round_count && takt_loop_next(&loop) == TAKT_OK; i++)
		rounds[i] = (struct round){loop.due_ns, now_ns() - loop.due_ns};
	if (loop.cycle_count != round_count || loop.overrun_count)
		fail("the loop", "it ended early, or left out a period");
	takt_loop_end(&loop);
	takt_node_leave(&node);
}

/* ---------------------------------------------------------------------------------------------------- semaphores */

static sem_t *sems; /* there, back, and "the partner is ready" */

static void create_sems(void)
{
	sems = mmap(NULL, 3 * sizeof(*sems), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(sems != MAP_FAILED, "shared memory");
	for (uint32_t i = 0; i < 3; i++)
		must(sem_init(&sems[i], 1, 0) == 0, "a semaphore");
}

static int wait_sem(uint32_t index)
{
	/* A deadline costs what it costs takt. */
	const struct timespec far = {.tv_sec = INT32_MAX};

	while (sem_clockwait(&sems[index], CLOCK_MONOTONIC, &far) != 0)
		if (errno != EINTR)
			return 0;
	return 1;
}

static int ask_sem(void)
{
	return sem_post(&sems[0]) == 0 && wait_sem(1);
}

static int answer_sem(void)
{
	return wait_sem(0) && sem_post(&sems[1]) == 0;
}

static void bare_semaphores(void)
{
	create_sems();
	pid_t partner = start_partner(NULL, answer_sem);
	become_real_time();
	measure(ask_sem, 2);
	wait_for_partner(partner);
}

/* ------------------------------------------------------------------------------------------------------- samples */

static struct takt_node node_of_side;
static struct takt_publisher publisher;
static struct takt_subscriber subscriber;
static struct takt_waiter waiter;

static void attach(const char *name, const char *out, const char *in)
{
	must(takt_node_join(&node_of_side, config, name) == TAKT_OK &&
		     takt_publisher_attach(&publisher, &node_of_side, out, &takt_type_sample) == TAKT_OK &&
		     takt_subscriber_attach(&subscriber, &node_of_side, in, &takt_type_sample, NULL) == TAKT_OK &&
		     takt_waiter_init(&waiter, &node_of_side, 0) == TAKT_OK &&
		     takt_waiter_add(&waiter, &subscriber) == TAKT_OK,
	     "attaching to the topics");
}

static void attach_right(void)
{
	attach("right", "back", "there");
	must(sem_post(&sems[2]) == 0, "a semaphore");
}

static int send_sample(void)
{
	static struct sample sample;

	sample.bytes[0]++;
	return takt_publish(&publisher, &sample, NULL) == TAKT_OK;
}

static int receive_sample(void)
{
	struct sample sample;

	return takt_wait_until(&waiter, TAKT_FOREVER) == TAKT_OK &&
	       takt_read_next(&subscriber, &sample, NULL) == TAKT_OK;
}

static int ask_sample(void)
{
	return send_sample() && receive_sample();
}

static int answer_sample(void)
{
	return receive_sample() && send_sample();
}

static void sample_wake(void)
{
	create_sems();
	pid_t partner = start_partner(attach_right, answer_sample);
	attach("left", "there", "back");
	must(wait_sem(2), "the partner");
	become_real_time();
	measure(ask_sample, 2);
	wait_for_partner(partner);
}

/* --------------------------------------------------------------------------------------------------------- pipes */

static int there[2], back[2];

static int move_line(int writer, int reader)
{
	static char line[LINE_BYTES] = "ping";

	return (writer < 0 || write(writer, line, sizeof(line)) == sizeof(line)) &&
	       (reader < 0 || read(reader, line, sizeof(line)) == sizeof(line));
}

static int ask_pipe(void)
{
	return move_line(there[1], back[0]);
}

static int answer_pipe(void)
{
	return move_line(-1, there[0]) && move_line(back[1], -1);
}

static void bare_pipes(void)
{
	must(pipe(there) == 0 && pipe(back) == 0, "pipes");
	pid_t partner = start_partner(NULL, answer_pipe);
	become_real_time();
	measure(ask_pipe, 1);
	wait_for_partner(partner);
}

/* ------------------------------------------------------------------------------------------------------- command */

static int command_writer = -1;
static int reply_reader = -1;

/* An operator's program that keeps both pipes open, as core/command.h has it. */
static int ask_command(void)
{
	char answer[256];
	uint32_t count, ready;

	return takt_os_pipe_write(command_writer, REQUEST, sizeof(REQUEST) - 1) == TAKT_OK &&
	       takt_os_pipe_wait(&reply_reader, 1, takt_os_clock_now_ns() + WAIT_NS, &ready) == TAKT_OK &&
	       takt_os_pipe_read(reply_reader, answer, sizeof(answer), &count) == TAKT_OK && answer[count - 1] == '\n';
}

static void serve_commands(void)
{
	must(takt_node_join(&node_of_side, config, "right") == TAKT_OK && takt_node_set_ready(&node_of_side) == TAKT_OK,
	     "joining");
	must(sem_post(&sems[2]) == 0 && wait_sem(0), "a semaphore");
	takt_node_leave(&node_of_side);
	exit(0);
}

static void command(void)
{
	const struct takt_os_rights rights = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0620};
	int folder;

	create_sems();
	pid_t partner = start_partner(serve_commands, NULL);
	must(wait_sem(2), "the partner");
	must(takt_os_folder_open(&folder, "takt.latency", NULL) == TAKT_OK &&
		     takt_os_fifo_create(folder, REPLY_NAME, &rights) == TAKT_OK &&
		     takt_os_fifo_open_reader(&reply_reader, folder, REPLY_NAME, &rights) == TAKT_OK &&
		     takt_os_fifo_open_writer(&command_writer, folder, "command.right") == TAKT_OK,
	     "the command's pipes");
	become_real_time();
	measure(ask_command, 1);
	must(sem_post(&sems[0]) == 0, "a semaphore");
	wait_for_partner(partner);
}

/* --------------------------------------------------------------------------------------------------------- chain */

/* Measured by others: from standard input, one round a line. */
static void chain(void)
{
	unsigned long long latency_ns;

	for (uint32_t i = 0; i < round_count; i++) {
		if (scanf("%llu", &latency_ns) != 1)
			fail("standard input", "it ended before every round was read");
		rounds[i] = (struct round){i * PERIOD_NS, latency_ns};
	}
}

/* ------------------------------------------------------------------------------------------------------- figures */

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static void write_rounds(const char *path, const struct round *measured, uint32_t count)
{
	FILE *file = fopen(path, "w");

	must(file != NULL, path);
	for (uint32_t i = 0; i < count; i++)
		(void)fprintf(file, "%llu %llu\n", (unsigned long long)measured[i].due_ns,
			      (unsigned long long)measured[i].latency_ns);
	must(fclose(file) == 0, path);
}

/* What the background does at times of its own (timers, RCU) meets a phase in some sweeps, seldom in all: the least is the phase's. The
 * mean is of all rounds, so that a path that is longer only now and then shows too. */
static void report(const char *name, const char *path)
{
	static uint64_t least[TICK_US_MAX / STEP_US];
	const struct round *measured = rounds + WARM_COUNT;
	uint64_t sum_ns = 0;

	if (path)
		write_rounds(path, measured, sweep_count * phase_count);
	for (uint32_t phase = 0; phase < phase_count; phase++) {
		least[phase] = UINT64_MAX;
		for (uint32_t sweep = 0; sweep < sweep_count; sweep++) {
			uint64_t latency_ns = measured[sweep * phase_count + phase].latency_ns;
			sum_ns += latency_ns;
			if (latency_ns < least[phase])
				least[phase] = latency_ns;
		}
	}
	qsort(least, phase_count, sizeof(*least), compare);
	(void)printf("BOARD FIGURE %s %llu %llu %llu %llu\n", name, (unsigned long long)least[phase_count / 2 - 1],
		     (unsigned long long)least[phase_count * 99 / 100 - 1], (unsigned long long)least[phase_count - 1],
		     (unsigned long long)(sum_ns / (sweep_count * phase_count)));
}

static const struct {
	const char *name;
	void (*measure)(void);
	uint32_t sweep_count;
} figures[] = {{"bare_sleep", bare_sleep, 5},
	       {"wake_up", wake_up, 5},
	       {"bare_semaphores", bare_semaphores, 5},
	       {"sample_wake", sample_wake, 5},
	       {"bare_pipes", bare_pipes, 5},
	       {"command", command, SWEEP_COUNT_MAX},
	       {"chain", chain, 5}};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc >= 3 && argc <= 4 && i < sizeof(figures) / sizeof(figures[0]); i++) {
		if (strcmp(figures[i].name, argv[2]) != 0)
			continue;
		config = argv[1];
		sweep_count = figures[i].sweep_count;
		learn_tick();
		figures[i].measure();
		report(argv[2], argv[3]);
		return 0;
	}
	(void)fprintf(stderr, "usage: latency CONFIG FIGURE [FILE]; figures:");
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		(void)fprintf(stderr, " %s", figures[i].name);
	(void)fprintf(stderr, "\n");
	return 2;
}
