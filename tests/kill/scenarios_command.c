/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands: a node takes one line from its pipe, or a request from its socket, obeys and answers. The file of its command thread is
 * included, so that the victim's only thread can serve one line.
 */
#include "core/command_thread.c"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/layout.h"
#include "core/loop.h"
#include "core/parameter.h"
#include "tests/kill/between.h"
#include "tests/kill/check.h"
#include "tests/kill/scenario.h"
#include "tests/kill/stage.h"

#define REPLY_PIPE   "reply.kill"
#define ANSWER_BYTES 256
#define PERIOD_NS    (100 * TAKT_NS_PER_US)

struct gains {
	double kp;
	int32_t trim;
};
TAKT_PARAMETERS(gains, struct gains, TAKT_PARAMETER(struct gains, kp, TAKT_F64, 1.0, 0.0, 10.0, "V"),
		TAKT_PARAMETER(struct gains, trim, TAKT_I32, 0, -5, 5, ""));

static struct takt_node node, successor;
static struct takt_parameters parameters;
static struct gains sets[TAKT_PARAMETER_SET_COUNT];
static struct source source;
static int answers = -1;       /* the survivors' end of the answer's pipe */
static int ends[2] = {-1, -1}; /* of a request's way back: theirs, and the one that it brings */
static int folder = -1;

static void need(enum takt_status status, const char *what)
{
	if (status == TAKT_OK)
		return;
	(void)fprintf(stderr, "kill_every: the victim cannot %s: %s\n", what, takt_status_name(status));
	_exit(1);
}

static void set_up(void)
{
	const struct takt_os_rights rights = {TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, 0600};

	(void)unlink(stage_parameter_file());
	stage_set_up(SOLO, STAGE_DEPTH);
	need(takt_os_folder_open(&folder, "takt.kill", NULL), "open the folder");
	need(takt_os_fifo_create(folder, REPLY_PIPE, &rights), "make the answer's pipe");
	need(takt_os_fifo_open_reader(&answers, folder, REPLY_PIPE, &rights), "open the answer's pipe");
	stage_keep();
}

static void set_up_request(void)
{
	set_up();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
		need(TAKT_NO_SPACE, "be given a way back");
}

static void tear_down(void)
{
	takt_os_pipe_close(&answers);
	takt_os_request_close(&ends[0]);
	takt_os_request_close(&ends[1]);
	takt_os_folder_close(&folder);
	(void)unlink(stage_parameter_file());
	stage_tear_down();
}

static void become_node(void)
{
	need(takt_node_join(&node, "kill", "victim"), "join");
	atomic_store(&control->token, node.token);
	atomic_store(&control->status, TAKT_OK);
	need(takt_parameters_init(&parameters, &node, &takt_parameters_gains, sets), "describe its parameters");
	source.descriptor = &node.command_pipe;
}

static void send_to_myself(const char *line)
{
	need(takt_os_pipe_write(node.command_pipe, line, (uint32_t)strlen(line)), "write its own pipe");
}

static void prepare_set(void)
{
	become_node();
	send_to_myself("@" REPLY_PIPE " set kp=2.5 trim=-3\n");
}

/* With an end of the survivors' own, who read the answer when the victim is dead. */
static void prepare_request(void)
{
	union {
		struct cmsghdr aligned;
		unsigned char bytes[CMSG_SPACE(sizeof(int))];
	} passed = {.bytes = {0}};
	char text[] = "set kp=2.5 trim=-3";
	struct iovec part = {text, sizeof(text) - 1};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = passed.bytes,
				.msg_controllen = sizeof(passed.bytes)};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
	int sender = -1;

	become_node();
	source.descriptor = &node.command_socket;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(ends[1]));
	memcpy(CMSG_DATA(cmsg), &ends[1], sizeof(ends[1]));
	need(takt_os_request_open(&sender, node.domain.folder, "socket.victim"), "open its own socket");
	if (sendmsg(sender, &header, MSG_NOSIGNAL) != (ssize_t)part.iov_len)
		need(TAKT_SYSTEM, "send itself a request");
	takt_os_request_close(&sender);
}

static void prepare_save(void)
{
	become_node();
	send_to_myself("@" REPLY_PIPE " save\n");
}

static void prepare_garbage(void)
{
	become_node();
	send_to_myself("@" REPLY_PIPE " set kp=11 trim=\n");
}

/* ------------------------------------------------------------------------------------------------ and a loop runs */

/*
 * The victim's only thread is its command thread, and where that one sleeps until the loop has done something, it runs a cycle of
 * the loop itself: every instruction of both is stepped. takt_loop_begin is left out, which would start the other thread and make this
 * one real-time; what else it does stands here.
 */
static struct takt_loop loop;

/* A cycle sees one whole set from its beginning to its end, the old one or the new one. */
static void look_at_gains(double kp)
{
	const struct gains *gains = takt_parameters_read(&parameters);
	const int is_old = gains->kp == 1.0 && gains->trim == 0;
	const int is_new = gains->kp == 2.5 && gains->trim == -3;

	if (!(is_old || is_new) || (kp != 0 && gains->kp != kp))
		atomic_store(&control->status, TAKT_CORRUPT);
}

static void run_cycle(void)
{
	need(takt_loop_next(&loop), "run a cycle");
	look_at_gains(0);
}

static enum takt_status tare(void *context, const char *arguments, char *text, uint32_t text_bytes)
{
	(void)context;
	(void)snprintf(text, text_bytes, "tared %s", arguments);
	return TAKT_OK;
}

static const struct takt_command own_commands[] = {{"tare", "tare WHAT", tare, NULL}};

/* Before its first cycle, with a second set offered already: the next change must wait until no cycle can hold the first. */
static void begin_loop(void)
{
	struct takt_node_shm *shared = node.segment.address;
	char reply[ANSWER_BYTES];

	need(takt_parameters_set(&parameters, "kp=1 trim=0", reply, sizeof(reply)), "set its parameters");
	need(takt_commands_set(&node, own_commands, 1), "have a command of its own");
	loop = (struct takt_loop){.node = &node, .period_ns = PERIOD_NS, .is_first = 1};
	loop.statistics = (void *)((unsigned char *)shared + shared->loops_offset);
	takt_parameters_loop_begin(&parameters);
	loop.due_ns = takt_os_clock_now_ns();
}

static void prepare_set_in_loop(void)
{
	become_node();
	begin_loop();
	send_to_myself("@" REPLY_PIPE " set kp=2.5 trim=-3\n");
	before_sleep = run_cycle;
}

static void prepare_own(void)
{
	become_node();
	begin_loop();
	send_to_myself("@" REPLY_PIPE " tare left\n");
	before_sleep = run_cycle;
}

/* The new set is offered; the second cycle is the first that has it. */
static void prepare_cycles(void)
{
	char reply[ANSWER_BYTES];

	become_node();
	begin_loop();
	run_cycle();
	/* A node that is stopped does not wait for its loop. */
	atomic_store(&node.stop_wanted, 1);
	if (takt_parameters_set(&parameters, "kp=2.5 trim=-3", reply, sizeof(reply)) != TAKT_STOPPED)
		need(TAKT_INVALID, "offer a set of parameters");
	atomic_store(&node.stop_wanted, 0);
	look_at_gains(1.0);
}

static void run_cycles(void)
{
	run_cycle();
	run_cycle();
}

static void serve_one(void)
{
	(void)serve_pipe(&node, &source);
}

static void serve_one_request(void)
{
	(void)serve_request(&node, &source);
}

/* What was answered is nothing, or one whole line. */
static void check_answer(int from, const char *expected, int is_done)
{
	char answer[ANSWER_BYTES];
	uint32_t count = 0;
	const enum takt_status status = takt_os_pipe_read(from, answer, sizeof(answer) - 1, &count);

	answer[status == TAKT_OK ? count : 0] = '\0';
	if (status != TAKT_OK && is_done)
		bad("obeyed and did not answer");
	if (status == TAKT_OK &&
	    (strncmp(answer, expected, strlen(expected)) != 0 || strchr(answer, '\n') != answer + count - 1))
		bad("the answer is '%s'", answer);
}

/* The next of the name starts with whole parameters and hears commands. */
static void check_successor(void)
{
	static const char ping[] = "\n@" REPLY_PIPE " ping\n";
	char reply[ANSWER_BYTES];
	const struct gains *gains = sets;
	const uint64_t began_ns = takt_os_clock_now_ns();

	if (atomic_load(&control->status) != TAKT_OK)
		bad("a cycle saw half a set of parameters, or one that changed within it");
	if (takt_node_join(&successor, "kill", "victim") != TAKT_OK) {
		bad("a new node of the victim's name cannot join");
		return;
	}
	note_recovery(began_ns);
	if (takt_parameters_init(&parameters, &successor, &takt_parameters_gains, sets) != TAKT_OK)
		bad("the saved parameters cannot be read");
	if (gains->kp != 1.0 || gains->trim != 0)
		bad("parameters that nobody saved: kp=%g trim=%d", gains->kp, gains->trim);
	source = (struct source){.descriptor = &successor.command_pipe};
	(void)!takt_os_pipe_write(successor.command_pipe, ping, (uint32_t)strlen(ping));
	if (serve_pipe(&successor, &source) != 2)
		bad("the next node heard something else than two lines");
	check_answer(answers, "ok victim", 1);
	if (takt_parameters_save(&parameters, reply, sizeof(reply)) != TAKT_OK)
		bad("the next node cannot save: %s", reply);
	if (world_residue_beside() != 0)
		bad("something was left beside the saved parameters");
	takt_node_leave(&successor);
	if (!world_has_same_names(&stage_world))
		bad("the domain's folder has other names than before");
}

static void check_set(int is_done)
{
	check_answer(answers, "ok 2 set", is_done);
	check_successor();
}

static void check_request(int is_done)
{
	check_answer(ends[0], "ok 2 set", is_done);
	check_successor();
}

static void check_save(int is_done)
{
	check_answer(answers, "ok saved", is_done);
	check_successor();
}

static void check_own(int is_done)
{
	check_answer(answers, "ok tared left", is_done);
	check_successor();
}

static void check_cycles(int is_done)
{
	(void)is_done;
	check_successor();
}

static void check_garbage(int is_done)
{
	check_answer(answers, "error: kp=11 is out of range", is_done);
	check_successor();
}

#define LINE(prepared, checked)                                                                                        \
	.operation = {.prepare = prepared, .operate = serve_one}, .check = checked, .tear_down = tear_down,            \
	.pace = PACE_STRIDES

const struct scenario command_scenarios[] = {
	{"command: set", set_up, NULL, LINE(prepare_set, check_set)},
	{"command: set by a request", set_up_request, NULL, .operation = {prepare_request, serve_one_request, NULL},
	 .check = check_request, .tear_down = tear_down, .pace = PACE_STRIDES},
	{"command: set, a loop runs", set_up, NULL, LINE(prepare_set_in_loop, check_set)},
	{"command: own, a loop runs", set_up, NULL, LINE(prepare_own, check_own)},
	{"parameter swap in the loop", set_up, NULL, .operation = {prepare_cycles, run_cycles, NULL},
	 .check = check_cycles, .tear_down = tear_down},
	{"command: save", set_up, NULL, LINE(prepare_save, check_save)},
	{"command: refused", set_up, NULL, LINE(prepare_garbage, check_garbage)},
};
const uint32_t command_scenario_count = sizeof(command_scenarios) / sizeof(command_scenarios[0]);
