/* SPDX-License-Identifier: Apache-2.0 */
/* A node's life: joining, attaching, commands, cycles, leaving; in a domain that is there, in one that is not, behind a dead one. */
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/command.h"
#include "core/commander.h"
#include "core/config.h"
#include "core/descriptor.h"
#include "core/domain.h"
#include "core/loop.h"
#include "core/parameter.h"
#include "core/publish_right.h"
#include "core/topic.h"
#include "core/waiter.h"
#include "platform/clock.h"
#include "platform/pipe.h"
#include "tests/failing/plan.h"
#include "tests/failing/scenario.h"
#include "tests/failing/stage.h"

#define PERIOD_NS	(200 * TAKT_NS_PER_US)
#define WAIT_NS		(250 * TAKT_NS_PER_US)
#define HEAR_NS		(10 * TAKT_NS_PER_S)
#define CYCLE_COUNT	3u
#define CYCLES_REPEATED 1000u

/* As core/node.h, core/topic.h and the others list them. */
#define REFUSED	   (MAY(DENIED) | MAY(CORRUPT) | MAY(NO_SPACE) | MAY(SYSTEM))
#define JOIN_MAY   (REFUSED | MAY(ABSENT) | MAY(INVALID) | MAY(BUSY) | MAY(MISMATCH) | MAY(LIMIT))
#define ATTACH_MAY (REFUSED | MAY(ABSENT) | MAY(INVALID) | MAY(BUSY) | MAY(LIMIT) | MAY(MISMATCH) | MAY(TIMEOUT))
#define CREATE_MAY (REFUSED | MAY(ABSENT) | MAY(MISMATCH) | MAY(BUSY) | MAY(LIMIT) | MAY(INVALID))
#define CLEAN_MAY                                                                                                      \
	(MAY(BUSY) | MAY(ABSENT) | MAY(DENIED) | MAY(INVALID) | MAY(LIMIT) | MAY(MISMATCH) | MAY(NO_SPACE) |           \
	 MAY(SYSTEM))
#define SEND_MAY                                                                                                       \
	(MAY(INVALID) | MAY(TIMEOUT) | MAY(STOPPED) | MAY(ABSENT) | MAY(CLOSED) | MAY(FULL) | MAY(DENIED) |            \
	 MAY(MISMATCH) | MAY(NO_SPACE) | MAY(SYSTEM))

struct gains {
	double kp;
	int32_t trim;
};
TAKT_PARAMETERS(gains, struct gains, TAKT_PARAMETER(struct gains, kp, TAKT_F64, 1.0, 0.0, 10.0, "V"),
		TAKT_PARAMETER(struct gains, trim, TAKT_I32, 0, -5, 5, ""));

static struct takt_node node;
static struct takt_publisher solo, pair;
static struct takt_subscriber reads_solo, reads_pair;
static struct takt_waiter waiter;
static struct takt_loop loop;
static struct takt_loop_descriptors descriptors;
static struct takt_news_descriptor news;
static struct takt_parameters parameters;
static struct gains sets[TAKT_PARAMETER_SET_COUNT];
static uint64_t next_seed;
static uint32_t greeted_count;

static enum takt_status greet(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	(void)context;
	(void)arguments;
	(void)reply;
	(void)reply_bytes;
	greeted_count++;
	return TAKT_OK;
}

static const struct takt_command own_commands[] = {{"greet", "greet: counts", greet, NULL}};

/* ------------------------------------------------------------------------------------------------------- start */

static int join(const char *domain)
{
	char config[STAGE_PATH_BYTES];

	stage_config(domain, config);
	begin("takt_node_join");
	if (!end(takt_node_join(&node, config, "victim"), JOIN_MAY, 0)) {
		require(node.config == NULL && node.segment.address == NULL, "the node is half joined");
		return 0;
	}
	begin("takt_parameters_init");
	return end(takt_parameters_init(&parameters, &node, &takt_parameters_gains, sets),
		   MAY(INVALID) | MAY(LIMIT) | MAY(DENIED) | MAY(NO_SPACE) | MAY(SYSTEM), 0);
}

static int attach_publisher(struct takt_publisher *publisher, const char *topic)
{
	const int is_well = end(takt_publisher_attach(publisher, &node, topic, message_type), ATTACH_MAY, 0);

	require(is_well == (publisher->node != NULL), "the publisher is half attached");
	return is_well;
}

static int attach_subscriber(struct takt_subscriber *subscriber, const char *topic)
{
	const struct takt_subscriber_options options = {.history = 2, .borrows = 1};
	const int is_well = end(takt_subscriber_attach(subscriber, &node, topic, message_type, &options),
				ATTACH_MAY | MAY(FULL), 0);

	require(is_well == (subscriber->node != NULL), "the subscriber is half attached");
	return is_well;
}

static int attach(void)
{
	begin("takt_publisher_attach solo");
	if (!attach_publisher(&solo, "solo"))
		return 0;
	begin("takt_publisher_attach pair");
	if (!attach_publisher(&pair, "pair"))
		return 0;
	begin("takt_subscriber_attach solo");
	if (!attach_subscriber(&reads_solo, "solo"))
		return 0;
	begin("takt_subscriber_attach pair");
	if (!attach_subscriber(&reads_pair, "pair"))
		return 0;
	begin("takt_waiter_init");
	if (!end(takt_waiter_init(&waiter, &node, 1), 0, 0))
		return 0;
	begin("takt_waiter_add");
	return end(takt_waiter_add(&waiter, &reads_solo), 0, 0);
}

/* Gives everything back: every call is safe on what was never got. */
static void give_back(void)
{
	takt_news_descriptor_stop(&news);
	takt_loop_descriptors_close(&descriptors);
	takt_loop_end(&loop);
	takt_subscriber_detach(&reads_pair);
	takt_subscriber_detach(&reads_solo);
	takt_publisher_detach(&pair);
	takt_publisher_detach(&solo);
	takt_node_leave(&node);
	memset(&parameters, 0, sizeof(parameters));
	memset(&waiter, 0, sizeof(waiter));
}

/* ----------------------------------------------------------------------------------------------------- commands */

static int command(const char *domain, const char *line, enum takt_status expected)
{
	begin(line);
	const enum takt_status status =
		takt_command_send(domain, "victim", line, takt_os_clock_now_ns() + patience_ns, NULL, NULL);

	if (status == expected)
		return 1;
	/* Answered with an error: the node has said it, in the answer. */
	return end(status, SEND_MAY, MAY(INVALID));
}

static void obey(const char *domain)
{
	begin("takt_commands_set");
	(void)end(takt_commands_set(&node, own_commands, 1), 0, 0);
	begin("takt_node_set_ready");
	if (!end(takt_node_set_ready(&node), MAY(NO_SPACE) | MAY(SYSTEM), 0))
		return;
	/* Each by itself: a commander that failed does not keep the next from trying. */
	(void)command(domain, "ping", TAKT_OK);
	(void)command(domain, "set kp=2", TAKT_OK);
	(void)command(domain, "set kp=99", TAKT_INVALID);
	(void)command(domain, "save", TAKT_OK);
	/* And by its pipe, as where it has no socket. */
	const long folder = node.domain.folder;
	(void)syscall(SYS_renameat, folder, "socket.victim", folder, "socket.hidden");
	(void)command(domain, "ping", TAKT_OK);
	(void)command(domain, "set kp=99", TAKT_INVALID);
	(void)syscall(SYS_renameat, folder, "socket.hidden", folder, "socket.victim");
}

/* ------------------------------------------------------------------------------------------------------- cycles */

static void check_account(const struct takt_subscriber *subscriber)
{
	require(subscriber->got + subscriber->lost + subscriber->skipped == subscriber->next - subscriber->start,
		"the account is not exact");
}

static void read_copies(struct takt_subscriber *subscriber)
{
	struct message message;
	struct takt_sample_info info;

	begin("takt_read_next");
	while (end(takt_read_next(subscriber, &message, &info), MAY(OVERTAKEN), 0)) {
		require(message_is_whole(&message), "it read half a sample");
		check_account(subscriber);
		if (!takt_subscriber_has_news(subscriber))
			break;
	}
	check_account(subscriber);
}

static void read_in_place(struct takt_subscriber *subscriber)
{
	struct takt_sample_info info;
	struct takt_borrow borrow;

	begin("takt_borrow_latest");
	if (!end(takt_borrow_latest(subscriber, &borrow, &info), MAY(OVERTAKEN), MAY(OVERTAKEN)))
		return;
	require(message_is_whole(borrow.payload), "it borrowed half a sample");
	begin("takt_return");
	(void)end(takt_return(subscriber, &borrow), 0, 0);
	check_account(subscriber);
}

/* A refused publish must not be seen, one that was done must: by this node's own subscriber. */
static void publish(struct takt_publisher *publisher)
{
	const struct message message = message_of(next_seed++);
	struct takt_loan loan;

	begin("takt_publish");
	(void)end(takt_publish(publisher, &message, NULL), MAY(TIMEOUT), MAY(TIMEOUT));
	begin("takt_publisher_loan");
	if (!end(takt_publisher_loan(publisher, &loan), MAY(TIMEOUT), MAY(TIMEOUT)))
		return;
	*(struct message *)loan.payload = message_of(next_seed++);
	begin("takt_publish_loan");
	if (!end(takt_publish_loan(publisher, &loan, NULL), MAY(TIMEOUT), MAY(TIMEOUT)))
		takt_publisher_abandon(publisher, &loan);
}

static void wait_for_news(void)
{
	begin("takt_wait_until");
	const enum takt_status status = takt_wait_until(&waiter, takt_os_clock_now_ns() + WAIT_NS);

	require(status == TAKT_TIMEOUT, "a wait for what nobody publishes did not end at its deadline");
}

/* What an operator's shell writes to the node's pipe takes effect in one of the next cycles. */
static void write_to_myself(const char *line)
{
	begin("takt_os_pipe_write");
	const enum takt_status status = takt_os_pipe_write(node.command_pipe, line, (uint32_t)strlen(line));

	(void)end(status, MAY(FULL) | MAY(CLOSED) | MAY(SYSTEM), MAY(FULL) | MAY(CLOSED) | MAY(SYSTEM));
}

/* The command thread's wait or read failed once: that must not make the node deaf. */
static int must_hear(void)
{
	const struct fault *fault = &plan->faults[0];

	return plan->fault_count == 1 && fault->role == ROLE_THREAD && fault->kind == FAULT_ONCE &&
	       fault->error != TAKT_CLOSED &&
	       (fault->function == FN_ppoll || fault->function == FN_read || fault->function == FN_takt_os_pipe_wait ||
		fault->function == FN_takt_os_pipe_read);
}

static void cycle(void)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + (must_hear() ? HEAR_NS : patience_ns);
	const uint32_t greeted_before = greeted_count;
	int is_obeyed = 0;

	write_to_myself("\nset kp=3\ngreet\n");
	for (uint32_t i = 0; i < CYCLE_COUNT || (!is_obeyed && takt_os_clock_now_ns() < end_ns); i++) {
		begin("takt_loop_next");
		if (!end(takt_loop_next(&loop), 0, 0))
			return;
		const struct gains *gains = takt_parameters_read(&parameters);
		is_obeyed = gains->kp == 3.0 && greeted_count != greeted_before;
		/* A busy machine may have answered "no cycle for 1.0 s". */
		if (!is_obeyed && i % CYCLES_REPEATED == CYCLES_REPEATED - 1)
			write_to_myself("\nset kp=3\ngreet\n");
		if (i >= CYCLE_COUNT)
			continue;
		publish(&solo);
		publish(&pair);
		read_copies(&reads_solo);
		read_copies(&reads_pair);
		read_in_place(&reads_solo);
		wait_for_news();
	}
	if (must_hear())
		require(is_obeyed, "the node hears no commands any more");
	expect(is_obeyed, "a command was not obeyed");
	expect(reads_solo.lost == 0, "samples that nobody overwrote were lost");
}

/* The same node with an event loop of its own: one turn of it. */
static void watch(void)
{
	begin("takt_loop_descriptors_open");
	if (end(takt_loop_descriptors_open(&descriptors, &loop), MAY(NO_SPACE), 0)) {
		begin("takt_loop_descriptors_next");
		const enum takt_status turn = takt_loop_descriptors_next(&descriptors);
		require(turn == TAKT_OK || turn == TAKT_EMPTY, "the loop ended");
	} else {
		require(descriptors.loop == NULL, "the loop's descriptors are half open");
	}
	begin("takt_news_descriptor_start");
	if (!end(takt_news_descriptor_start(&news, &waiter), MAY(NO_SPACE) | MAY(SYSTEM), 0)) {
		require(news.node == NULL, "the news descriptor is half started");
		return;
	}
	begin("takt_news_descriptor_drain");
	require(takt_news_descriptor_drain(&news) != TAKT_CLOSED, "the descriptor is gone");
	begin("takt_news_descriptor_arm");
	(void)end(takt_news_descriptor_arm(&news), 0, 0);
}

static void live(const char *domain)
{
	if (!join(domain) || !attach())
		return;
	obey(domain);
	begin("takt_loop_begin");
	if (!end(takt_loop_begin(&loop, &node, &(struct takt_loop_options){.period_ns = PERIOD_NS}),
		 MAY(INVALID) | MAY(LIMIT) | MAY(NO_SPACE) | MAY(SYSTEM), 0)) {
		require(loop.node == NULL, "the loop is half begun");
		return;
	}
	cycle();
	watch();
}

static void run_life(void)
{
	live("failing");
	give_back();
}

/* ------------------------------------------------------------------------------------------- a domain of its own */

static void ignore(void *context, const char *object, enum takt_status result)
{
	(void)context;
	(void)object;
	(void)result;
}

static void create(void)
{
	const struct takt_config *config = NULL;
	char path[STAGE_PATH_BYTES];
	uint32_t created_count = 77;

	stage_config("fresh", path);
	begin("takt_config_load");
	if (!end(takt_config_load(&config, path), JOIN_MAY, 0)) {
		require(config == NULL, "an output was touched");
		return;
	}
	begin("takt_domain_create");
	if (!end(takt_domain_create(config, &created_count), CREATE_MAY, 0))
		require(created_count == 77, "an output was touched");
	takt_config_free(config);
}

static void run_fresh(void)
{
	create();
	if (join("fresh"))
		(void)attach();
	give_back();
	begin("takt_domain_clean");
	(void)end(takt_domain_clean("fresh", ignore, NULL), CLEAN_MAY, MAY(ABSENT) | MAY(BUSY) | MAY(DENIED));
}

/* What a clean-up that failed has left is taken away by the next. */
static void finish_fresh(void)
{
	begin("takt_domain_clean");
	const enum takt_status status = takt_domain_clean("fresh", ignore, NULL);

	require(status == TAKT_OK || status == TAKT_ABSENT, "a second clean-up fails");
}

/* The same, but the topics come with their first user. */
static void run_first(void)
{
	if (join("fresh"))
		(void)attach();
	give_back();
	begin("takt_domain_clean");
	(void)end(takt_domain_clean("fresh", ignore, NULL), CLEAN_MAY, MAY(ABSENT) | MAY(BUSY) | MAY(DENIED));
}

/* Cleaning a domain that lives takes nothing. */
static void run_clean_refused(void)
{
	begin("takt_domain_clean");
	const enum takt_status status = takt_domain_clean("failing", ignore, NULL);

	require(status != TAKT_OK, "a domain that lives was cleaned");
	if (status != TAKT_BUSY)
		(void)end(status, CLEAN_MAY, MAY(ABSENT) | MAY(BUSY) | MAY(DENIED));
}

/* ------------------------------------------------------------------------------------------- behind a dead one */

/* Another process is this node, holds the lock of a topic, and is no more. */
static void prepare_death(void)
{
	const pid_t process = fork();
	int how = 0;

	if (process == 0) {
		const int is_well = join("failing") && attach() && takt_publisher_lock(&pair) == TAKT_OK;
		_exit(is_well ? 0 : 3);
	}
	begin("the death of another process");
	require(process > 0 && waitpid(process, &how, 0) == process && WIFEXITED(how) && WEXITSTATUS(how) == 0,
		"the process that is to die failed before");
}

static void run_takeover(void)
{
	if (join("failing") && attach()) {
		publish(&solo);
		publish(&pair);
		read_copies(&reads_solo);
		read_copies(&reads_pair);
	}
	give_back();
}

const struct scenario node_scenarios[] = {
	{"life", NULL, run_life, NULL, 0, 0},
	{"fresh domain", NULL, run_fresh, finish_fresh, 0, 0},
	{"first user", NULL, run_first, finish_fresh, 1, 0},
	{"takeover", prepare_death, run_takeover, NULL, 0, 0},
	{"clean refused", NULL, run_clean_refused, NULL, 0, 0},
};
const uint32_t node_scenario_count = sizeof(node_scenarios) / sizeof(node_scenarios[0]);
