/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands: a node takes one line from its pipe, obeys and answers. The file of its command thread is included, so
 * that the victim's only thread can serve one line.
 */
#include "core/command_thread.c"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/layout.h"
#include "core/parameter.h"
#include "tests/kill/check.h"
#include "tests/kill/scenario.h"
#include "tests/kill/stage.h"

#define REPLY_PIPE   "reply.kill"
#define ANSWER_BYTES 256

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
static int answers = -1; /* the survivors' end of the answer's pipe */
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

static void tear_down(void)
{
	takt_os_pipe_close(&answers);
	takt_os_folder_close(&folder);
	(void)unlink(stage_parameter_file());
	stage_tear_down();
}

static void become_node(void)
{
	need(takt_node_join(&node, "kill", "victim"), "join");
	atomic_store(&control->token, node.token);
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

static void serve_one(void)
{
	(void)serve(&node, &source);
}

/* What was answered is nothing, or one whole line. */
static void check_answer(const char *expected, int is_done)
{
	char answer[ANSWER_BYTES];
	uint32_t count = 0;
	const enum takt_status status = takt_os_pipe_read(answers, answer, sizeof(answer) - 1, &count);

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
	if (serve(&successor, &source) != 2)
		bad("the next node heard something else than two lines");
	check_answer("ok victim", 1);
	if (takt_parameters_save(&parameters, reply, sizeof(reply)) != TAKT_OK)
		bad("the next node cannot save: %s", reply);
	takt_node_leave(&successor);
	if (!world_has_same_names(&stage_world))
		bad("the domain's folder has other names than before");
}

static void check_set(int is_done)
{
	check_answer("ok 2 set", is_done);
	check_successor();
}

static void check_save(int is_done)
{
	check_answer("ok saved", is_done);
	check_successor();
}

static void check_garbage(int is_done)
{
	check_answer("error: kp=11 is out of range", is_done);
	check_successor();
}

#define LINE(prepared, checked)                                                                                        \
	.operation = {.prepare = prepared, .operate = serve_one}, .check = checked, .tear_down = tear_down,            \
	.pace = PACE_STRIDES

const struct scenario command_scenarios[] = {
	{"command: set", set_up, NULL, LINE(prepare_set, check_set)},
	{"command: save", set_up, NULL, LINE(prepare_save, check_save)},
	{"command: refused", set_up, NULL, LINE(prepare_garbage, check_garbage)},
};
const uint32_t command_scenario_count = sizeof(command_scenarios) / sizeof(command_scenarios[0]);
