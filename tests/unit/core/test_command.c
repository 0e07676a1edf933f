/* SPDX-License-Identifier: Apache-2.0 */
/* The named pipe is used as a shell uses it: opened, written, closed. */
#include "tests/unit/core/loop_fixture.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/commander.h"
#include "core/parameter.h"
#include "platform/request.h"

#define LIFE_COUNT	  20u
#define FLOOD_LINES	  4000u
#define FLOOD_BLOCKS	  250u
#define FLOOD_BLOCK_BYTES 4096u

struct gains {
	double kp;
	double kd;
};
TAKT_PARAMETERS(gains, struct gains, TAKT_PARAMETER(struct gains, kp, TAKT_F64, 12.0, 0.0, 100.0, "V/rad"),
		TAKT_PARAMETER(struct gains, kd, TAKT_F64, 1.5, 0.0, 10.0, ""));

static const char config[] = "domain: test\n"
			     "nodes:\n"
			     "  - {name: robot, program: x, period_us: 1000, parameter_file: saved.yaml}\n"
			     "  - {name: bare, program: x}\n";

static struct takt_node *robot;
static struct takt_parameters parameters;
static struct gains sets[TAKT_PARAMETER_SET_COUNT];
static struct looper looper;

static int set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(config);
	memset(&looper, 0, sizeof(looper));
	memset(&parameters, 0, sizeof(parameters));
	robot = fixture_join("robot");
	return 0;
}

static int tear_down(void **state)
{
	if (looper.node)
		loop_join(&looper);
	return fixture_tear_down(state);
}

/* --- own commands --- */

static struct {
	_Atomic int run_count;
	_Atomic int misplaced_count; /* in a cycle, or not in the loop's thread */
	_Atomic int wants_hold;
	_Atomic int is_held;
	char arguments[TAKT_MAILBOX_TEXT_BYTES];
} own;

static enum takt_status on_own(void *context, const char *arguments, char *text, uint32_t text_bytes)
{
	char name[TAKT_OS_THREAD_NAME_MAX] = "";

	(void)pthread_getname_np(pthread_self(), name, sizeof(name));
	if (context != &own || atomic_load(&looper.is_in_cycle) || strcmp(name, "robot") != 0)
		atomic_fetch_add(&own.misplaced_count, 1);
	(void)snprintf(own.arguments, sizeof(own.arguments), "%s", arguments);
	while (atomic_load(&own.wants_hold)) {
		atomic_store(&own.is_held, 1);
		(void)sched_yield();
	}
	atomic_fetch_add(&own.run_count, 1);
	(void)snprintf(text, text_bytes, "%s", strcmp(arguments, "quiet") == 0 ? "" : "so be it");
	return strcmp(arguments, "fail") == 0 ? TAKT_DENIED : TAKT_OK;
}

static const struct takt_command own_commands[] = {{"home", "drives home", on_own, &own},
						   {"wave", "waves", on_own, &own}};

static void start(void)
{
	memset(&own, 0, sizeof(own));
	assert_int_equal(takt_parameters_init(&parameters, robot, &takt_parameters_gains, sets), TAKT_OK);
	assert_int_equal(takt_commands_set(robot, own_commands, 2), TAKT_OK);
	looper.node = robot;
	loop_start(&looper);
	await_state(robot, TAKT_NODE_RUNNING);
}

/* --- pipes, as a shell has them --- */

static void path_of(char path[128], const char *object)
{
	(void)snprintf(path, 128, "%s/takt.test/%s", scratch, object);
}

static void write_pipe(const char *node, const void *bytes, size_t count)
{
	char path[128], name[64];
	int pipe;

	(void)snprintf(name, sizeof(name), "command.%s", node);
	path_of(path, name);
	pipe = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(pipe >= 0);
	assert_int_equal(write(pipe, bytes, count), count);
	assert_int_equal(close(pipe), 0);
}

static void echo(const char *text)
{
	write_pipe("robot", text, strlen(text));
}

static int make_reply(const char *name)
{
	char path[128];
	int pipe;

	path_of(path, name);
	assert_int_equal(mkfifo(path, 0600), 0);
	pipe = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(pipe >= 0);
	return pipe;
}

/* Reads until a line that ends an answer. */
static void read_answer(int pipe)
{
	size_t used = 0;

	memset(&answer, 0, sizeof(answer));
	while (used < sizeof(answer.text) - 1) {
		struct pollfd polled = {pipe, POLLIN, 0};
		char *last;
		ssize_t got;

		if (poll(&polled, 1, (int)(LONG_NS / TAKT_NS_PER_MS)) != 1)
			fail_msg("no answer behind \"%s\"", answer.text);
		got = read(pipe, answer.text + used, 1);
		assert_int_equal(got, 1);
		if (answer.text[used++] != '\n')
			continue;
		answer.text[used - 1] = '\0';
		last = strrchr(answer.text, '\n');
		last = last ? last + 1 : answer.text;
		answer.text[used - 1] = '\n';
		answer.line_count++;
		if (strncmp(last, "ok", 2) == 0 || strncmp(last, "error: ", 7) == 0)
			return;
	}
	fail_msg("an endless answer");
}

static int reply_pipe;

/* Asks through one pipe for all answers of a test. */
static void ask_raw(const char *text)
{
	char line[TAKT_LINE_BYTES_MAX];

	(void)snprintf(line, sizeof(line), "@reply.test %s\n", text);
	echo(line);
	read_answer(reply_pipe);
}

static void open_reply(void)
{
	reply_pipe = make_reply("reply.test");
}

static void close_reply(void)
{
	char path[128];

	path_of(path, "reply.test");
	assert_int_equal(close(reply_pipe), 0);
	assert_int_equal(unlink(path), 0);
}

/* Messages come from the command thread; the text only grows. */
static void await_said(const char *part)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + LONG_NS;

	while (strstr(fixture.said, part) == NULL) {
		if (takt_os_clock_now_ns() > end_ns)
			fail_msg("of the messages \"%s\" none has \"%s\"", fixture.said, part);
		(void)sched_yield();
	}
}

static uint64_t refused_count(void)
{
	return atomic_load(&node_shm(robot)->refused_count);
}

/* --- standard commands --- */

static void every_standard_command_answers(void **state)
{
	(void)state;
	start();
	open_reply();
	ask_raw("ping");
	assert_string_equal(answer.text, "ok robot\n");
	ask_raw("status");
	assert_answered("ok state=running cycles=");
	assert_answered(" commands=2 refused=0 up_s=");
	ask_raw("help");
	assert_int_equal(answer.line_count, 10 + 2 + 1);
	assert_answered("set NAME=VALUE ...: ");
	assert_answered("home: drives home\nwave: waves\nok 12 commands\n");
	ask_raw("params");
	assert_string_equal(answer.text, "kp=12 unit=V/rad kind=f64 default=12 min=0 max=100\n"
					 "kd=1.5 unit=- kind=f64 default=1.5 min=0 max=10\nok 2 parameters\n");
	ask_raw("set kp=3 kd=0.25");
	assert_string_equal(answer.text, "ok 2 set\n");
	ask_raw("get kd  kp");
	assert_string_equal(answer.text, "kd=0.25\nkp=3\nok 2 parameters\n");
	ask_raw("save");
	assert_answered("ok saved to ");
	ask_raw("stop");
	assert_string_equal(answer.text, "ok stopping\n");
	await_state(robot, TAKT_NODE_STOPPED);
	ask_raw("status");
	assert_answered("state=stopped");
	ask_raw("start");
	await_state(robot, TAKT_NODE_RUNNING);
	assert_int_equal(refused_count(), 0);
	ask_raw("quit");
	assert_string_equal(answer.text, "ok quitting\n");
	takt_os_thread_join(&looper.thread);
	looper.node = NULL;
	assert_int_equal(looper.ended, TAKT_STOPPED);
	close_reply();
}

static void without_a_reply_pipe_the_answer_is_a_message(void **state)
{
	(void)state;
	start();
	echo("ping\n");
	await_said("command 'ping': ok robot");
	echo("set kp=4\nget kp\n");
	await_said("command 'get kp': kp=4");
	echo("@reply.nobody get kd\n");
	await_said("command 'get kd': kd=1.5");
}

static void what_is_wrong_is_refused_with_a_reason_and_changes_nothing(void **state)
{
	static const struct {
		const char *text;
		const char *reason;
	} wrong[] = {{"fly", "unknown command; try: help"},
		     {"PING", "does not begin with a command"},
		     {"pi\x01ng", "is 0x01: a command is one line of text"},
		     {"set", "nothing to set"},
		     {"set kp", "is no assignment"},
		     {"set kp=101", "out of range"},
		     {"set kp=5 kd=11", "kd=11 is out of range"},
		     {"set kp=5 kd=2 x=1", "unknown parameter 'x'"},
		     {"set kp=5 kd=nan", "is no value"},
		     {"get", "get needs a name"},
		     {"get kq", "unknown parameter 'kq'"},
		     {"get kp2345678901234567890123456789012", "unknown parameter"}};

	(void)state;
	start();
	open_reply();
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ask_raw(wrong[i].text);
		assert_answered("error: ");
		assert_answered(wrong[i].reason);
		assert_int_equal(refused_count(), i + 1);
	}
	ask_raw("get kp kd");
	assert_string_equal(answer.text, "kp=12\nkd=1.5\nok 2 parameters\n");
	close_reply();
}

static void a_node_without_parameters_and_loop_says_so(void **state)
{
	(void)state;
	struct takt_node *bare = fixture_join("bare");
	assert_int_equal(takt_node_set_ready(bare), TAKT_OK);
	await_state(bare, TAKT_NODE_READY);
	assert_int_equal(ask("bare", "set kp=1"), TAKT_INVALID);
	assert_answered("error: this node has no parameters");
	assert_int_equal(ask("bare", "save"), TAKT_INVALID);
	assert_int_equal(ask("bare", "get kp"), TAKT_INVALID);
	assert_int_equal(ask("bare", "params"), TAKT_OK);
	assert_string_equal(answer.text, "ok 0 parameters\n");
	assert_int_equal(ask("bare", "status"), TAKT_OK);
	assert_answered("state=ready cycles=0");
}

/* --- what comes out of pipes --- */

static void garbage_of_any_length_is_survived(void **state)
{
	static char bytes[65536];

	(void)state;
	start();
	open_reply();
	memset(bytes, 'x', 5000);
	bytes[5000] = '\n';
	write_pipe("robot", bytes, 5001);
	await_said("longer than 4096 bytes");
	memcpy(bytes, "@reply.test ping ", 17);
	write_pipe("robot", bytes, 5001);
	read_answer(reply_pipe);
	assert_answered("error: the line is longer than 4096 bytes and was dropped");
	for (uint32_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 2654435761u >> 13);
	write_pipe("robot", bytes, sizeof(bytes));
	echo("\n");
	ask_raw("ping");
	assert_string_equal(answer.text, "ok robot\n");
	ask_raw("get kp kd");
	assert_string_equal(answer.text, "kp=12\nkd=1.5\nok 2 parameters\n");
	assert_true(refused_count() > 0);
	assert_int_equal(atomic_load(&node_shm(robot)->state), TAKT_NODE_RUNNING);
	close_reply();
}

static int leave_a_piece(void *argument)
{
	char path[128];
	int pipe;

	(void)argument;
	path_of(path, "command.robot");
	pipe = open(path, O_WRONLY);
	if (pipe < 0 || write(pipe, "@reply.test se", 14) != 14)
		return 1;
	(void)raise(SIGKILL);
	return 2;
}

static void the_piece_of_a_dead_sender_does_not_spoil_the_next_line(void **state)
{
	(void)state;
	start();
	open_reply();
	assert_int_equal(in_child(leave_a_piece, NULL), KILLED_BY(SIGKILL));
	echo("\n@reply.test set kp=7\n");
	read_answer(reply_pipe);
	assert_string_equal(answer.text, "error: unknown command; try: help\n");
	read_answer(reply_pipe);
	assert_string_equal(answer.text, "ok 1 set\n");
	/* takt's own clients begin with the newline. */
	assert_int_equal(in_child(leave_a_piece, NULL), KILLED_BY(SIGKILL));
	assert_int_equal(ask("robot", "get kp"), TAKT_OK);
	assert_answered("kp=7\n");
	close_reply();
}

static void many_lines_in_one_write_are_obeyed_in_order(void **state)
{
	(void)state;
	start();
	open_reply();
	echo("set kp=1\nset kp=2\r\n\n  \n@reply.test get kp\nset kp=3\n@reply.test get kp\n");
	read_answer(reply_pipe);
	assert_string_equal(answer.text, "kp=2\nok 1 parameters\n");
	read_answer(reply_pipe);
	assert_string_equal(answer.text, "kp=3\nok 1 parameters\n");
	close_reply();
}

/* A lower bound of time: 10,000 lines a second, but for 100 at once and what one read of the pipe had more. */
static void a_flood_is_obeyed_at_a_bounded_rate(void **state)
{
	static char flood[4 * FLOOD_LINES];
	uint64_t begin_ns = takt_os_clock_now_ns();

	(void)state;
	start();
	open_reply();
	for (uint32_t i = 0; i < FLOOD_LINES; i++)
		memcpy(flood + 4 * i, "fly\n", 4);
	write_pipe("robot", flood, sizeof(flood));
	ask_raw("ping");
	assert_int_equal(refused_count(), FLOOD_LINES);
	assert_true(takt_os_clock_now_ns() - begin_ns >= 300 * TAKT_NS_PER_MS);
	close_reply();
}

/* The same bound for bytes that never end a line: each read of 256 counts as one, so a million of them take 0.4 s. */
static void a_flood_without_an_end_is_read_at_a_bounded_rate(void **state)
{
	static char flood[FLOOD_BLOCK_BYTES];
	char path[128];

	(void)state;
	start();
	open_reply();
	path_of(path, "command.robot");
	int pipe = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(pipe >= 0);
	memset(flood, 'x', sizeof(flood));
	const uint64_t begin_ns = takt_os_clock_now_ns();
	for (uint32_t i = 0; i < FLOOD_BLOCKS; i++)
		assert_int_equal(write(pipe, flood, sizeof(flood)), sizeof(flood));
	assert_int_equal(close(pipe), 0);
	write_pipe("robot", "\n", 1);
	ask_raw("ping");
	assert_int_equal(refused_count(), 1);
	assert_true(takt_os_clock_now_ns() - begin_ns >= 300 * TAKT_NS_PER_MS);
	close_reply();
}

/* --- where answers may go --- */

static void an_answer_is_written_to_a_pipe_of_the_folder_and_to_nothing_else(void **state)
{
	static const char *const names[] = {"reply.file", "reply.link", "reply.folder", "reply.absent"};
	char path[128], target[128], bytes[16];
	char line[64];

	(void)state;
	start();
	path_of(path, "reply.file");
	int file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	scratch_path(target, "outside.yaml");
	assert_int_equal(mkfifo(target, 0600), 0);
	int outside = open(target, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(outside >= 0);
	path_of(path, "reply.link");
	assert_int_equal(symlink(target, path), 0);
	path_of(path, "reply.folder");
	assert_int_equal(mkdir(path, 0700), 0);
	for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		forget_said();
		(void)snprintf(line, sizeof(line), "@%s ping\n", names[i]);
		echo(line);
		await_said("command 'ping': ok robot");
	}
	/* Names that are not even looked for: the command itself is refused. */
	forget_said();
	echo("@../outside.yaml ping\n@command.robot ping\n@roster stop\n");
	open_reply();
	ask_raw("status");
	assert_answered("state=running");
	assert_answered("refused=3");
	assert_int_equal(lseek(file, 0, SEEK_END), 0);
	assert_int_equal(read(outside, bytes, sizeof(bytes)), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(close(file) | close(outside), 0);
	path_of(path, "reply.folder");
	assert_int_equal(rmdir(path), 0);
	path_of(path, "reply.link");
	assert_int_equal(unlink(path), 0);
	path_of(path, "reply.file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(target), 0);
	close_reply();
}

/* --- the socket --- */

/* Sends a request and reads its answer into answer.text. */
static void request(const char *node, const char *text)
{
	char name[64];
	int sender = -1, way_back = -1;

	(void)snprintf(name, sizeof(name), "socket.%s", node);
	assert_int_equal(takt_os_request_open(&sender, robot->domain.folder, name), TAKT_OK);
	assert_int_equal(takt_os_request_send(sender, node, text, takt_os_clock_now_ns() + LONG_NS, &way_back),
			 TAKT_OK);
	takt_os_request_close(&sender);
	read_answer(way_back);
	takt_os_request_close(&way_back);
}

/* Bytes that are no text, and no way back: the answer is the node's own message. */
static void request_bytes(const char *bytes, size_t count)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/takt.test/socket.robot", scratch);
	assert_int_equal(sendto(sender, bytes, count, 0, (const struct sockaddr *)&address, sizeof(address)), count);
	assert_int_equal(close(sender), 0);
	/* Behind it. */
	request("robot", "ping");
	assert_string_equal(answer.text, "ok robot\n");
}

static void a_request_is_one_command_and_nothing_else(void **state)
{
	static char longest[TAKT_LINE_BYTES_MAX + 1];

	(void)state;
	start();
	request("robot", "set kp=2\n");
	assert_string_equal(answer.text, "ok 1 set\n");
	request("robot", "ping\nquit");
	assert_answered("error: byte 5 of the line is 0x0a: a command is one line of text");
	request("robot", "@reply.mine ping");
	assert_answered("error: a request brings its own way back; leave out @ and the name of a pipe");
	memset(longest, 'x', sizeof(longest) - 1);
	request("robot", longest);
	assert_answered("error: the line is longer than 4096 bytes and was dropped");
	forget_said();
	request_bytes("ping\0quit", 9);
	assert_said("byte 5 of the line is 0x01");
	request_bytes("home", 4);
	assert_said("command 'home': ok so be it");
	assert_int_equal(atomic_load(&robot->quit_wanted), 0);
	request("robot", "status");
	assert_answered("refused=4 ");
}

static int ask_as_somebody_else(void *argument)
{
	const char *const *asked = argument;

	if (!become_somebody_else())
		return 99;
	fixture_child_speaks();
	memset(&answer, 0, sizeof(answer));
	if (takt_command_send("test", "ruled", asked[0], takt_os_clock_now_ns() + LONG_NS, keep_line, NULL) !=
	    (asked[1][0] == 'o' ? TAKT_OK : TAKT_INVALID))
		return 98;
	return strncmp(answer.text, asked[1], strlen(asked[1])) == 0 ? 0 : 97;
}

static void the_rules_say_who_may_do_what(void **state)
{
	static const char *const asked[][2] = {
		{"ping", "ok ruled"},
		{"stop", "ok stopping"},
		{"start", "ok starting"},
		{"quit", "error: user 65534 may not quit here; `access` in the config says who may"},
		{"set kp=1", "error: user 65534 may not set here"},
	};
	struct takt_node *ruled;
	struct stat found;
	char path[128];

	(void)state;
	need_root();
	takt_node_leave(&fixture.nodes[--fixture.node_count]);
	assert_int_equal(takt_domain_clean("test", fixture_ignore_report, NULL), TAKT_OK);
	(void)fixture_config(
		"domain: test\nmode: \"0664\"\nnodes: [{name: ruled, program: x}, {name: robot, program: x}]\n"
		"access: [{users: [65534], nodes: [ruled], commands: [start, stop]}]\n");
	ruled = fixture_join("ruled");
	robot = ruled;
	assert_int_equal(takt_node_set_ready(ruled), TAKT_OK);
	path_of(path, "socket.ruled");
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0666);
	path_of(path, "command.ruled");
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0600);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		assert_int_equal(in_child(ask_as_somebody_else, (void *)(uintptr_t)asked[i]), 0);
	request("ruled", "status");
	assert_answered("refused=2 ");
	request("ruled", "quit");
	assert_string_equal(answer.text, "ok quitting\n");
}

static void an_asker_who_does_not_read_holds_up_nobody(void **state)
{
	static char filling[4096];
	int full = make_reply("reply.full");

	(void)state;
	start();
	open_reply();
	while (write(full, filling, sizeof(filling)) == (ssize_t)sizeof(filling))
		;
	for (int i = 0; i < 20; i++)
		echo("@reply.full help\n");
	ask_raw("ping");
	assert_string_equal(answer.text, "ok robot\n");
	assert_int_equal(close(full), 0);
	close_reply();
}

/* --- own commands --- */

static void own_commands_run_in_the_loops_thread_between_cycles(void **state)
{
	(void)state;
	start();
	open_reply();
	for (int i = 1; i <= 50; i++) {
		ask_raw("home  a b=c ");
		assert_string_equal(answer.text, "ok so be it\n");
		assert_int_equal(atomic_load(&own.run_count), i);
	}
	assert_string_equal(own.arguments, "a b=c");
	ask_raw("wave quiet");
	assert_string_equal(answer.text, "ok\n");
	ask_raw("wave fail");
	assert_string_equal(answer.text, "error: so be it\n");
	ask_raw("stop");
	await_state(robot, TAKT_NODE_STOPPED);
	ask_raw("home");
	assert_string_equal(answer.text, "ok so be it\n");
	assert_int_equal(atomic_load(&own.misplaced_count), 0);
	char line[700];
	memset(line, 'x', sizeof(line));
	memcpy(line, "home ", 5);
	line[5 + 511] = '\0';
	ask_raw(line);
	assert_string_equal(answer.text, "ok so be it\n");
	line[5 + 511] = 'x';
	line[5 + 512] = '\0';
	ask_raw(line);
	assert_answered("error: the arguments are longer than 511 bytes");
	close_reply();
}

static void a_loop_that_hangs_does_not_hang_the_commands(void **state)
{
	(void)state;
	start();
	open_reply();
	loop_hold(&looper);
	ask_raw("home");
	assert_string_equal(answer.text, "error: not run: no cycle for 1.0 s\n");
	ask_raw("ping");
	assert_string_equal(answer.text, "ok robot\n");
	ask_raw("set kp=5");
	assert_string_equal(answer.text, "ok accepted, not applied: no cycle for 1.0 s\n");
	ask_raw("set kp=6");
	assert_answered("error: refused: the loop has been in one cycle");
	loop_release(&looper);
	ask_raw("home");
	assert_string_equal(answer.text, "ok so be it\n");
	/* What was not run stays not run. */
	assert_int_equal(atomic_load(&own.run_count), 1);
	ask_raw("get kp");
	assert_answered("kp=5\n");
	close_reply();
}

static void an_own_command_that_hangs_is_told_and_may_end_later(void **state)
{
	(void)state;
	start();
	open_reply();
	atomic_store(&own.wants_hold, 1);
	ask_raw("home first");
	assert_string_equal(answer.text, "error: it has been running for more than 1.0 s and goes on\n");
	assert_int_equal(atomic_load(&own.is_held), 1);
	ask_raw("home second");
	assert_answered("error: busy");
	ask_raw("ping");
	assert_string_equal(answer.text, "ok robot\n");
	atomic_store(&own.wants_hold, 0);
	loop_await_cycles(&looper, 1);
	assert_int_equal(atomic_load(&own.run_count), 1);
	ask_raw("home third");
	assert_string_equal(answer.text, "ok so be it\n");
	assert_string_equal(own.arguments, "third");
	assert_int_equal(atomic_load(&own.run_count), 2);
	close_reply();
}

static void own_commands_need_names_of_their_own(void **state)
{
	static const char *const wrong[] = {"ping", "quit", "Home", "", "go home", "ok", "error"};
	static struct takt_command many[TAKT_COMMAND_COUNT_MAX + 1];
	static const struct takt_command twice[] = {{"home", "", on_own, NULL}, {"home", "", on_own, NULL}};
	static const struct takt_command empty = {"home", "", NULL, NULL};

	(void)state;
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct takt_command command = {wrong[i], "", on_own, NULL};

		forget_said();
		assert_int_equal(takt_commands_set(robot, &command, 1), TAKT_INVALID);
		assert_said("node 'robot': command ");
	}
	assert_int_equal(takt_commands_set(robot, twice, 2), TAKT_INVALID);
	assert_int_equal(takt_commands_set(robot, &empty, 1), TAKT_INVALID);
	assert_int_equal(takt_commands_set(robot, many, TAKT_COMMAND_COUNT_MAX + 1), TAKT_LIMIT);
	assert_int_equal(robot->command_count, 0);
}

/* --- supervisor, end --- */

static int obey_supervisor(void *argument)
{
	int *ends = argument;
	struct takt_node *node;
	char text[16];

	(void)close(ends[1]);
	(void)snprintf(text, sizeof(text), "%d", ends[0]);
	(void)setenv("TAKT_COMMAND_DESCRIPTOR", text, 1);
	node = fixture_child_join("bare");
	if (node == NULL || takt_node_set_ready(node) != TAKT_OK)
		return 1;
	const uint64_t end_ns = takt_os_clock_now_ns() + LONG_NS;
	while (!takt_node_should_quit(node) && takt_os_clock_now_ns() < end_ns)
		(void)sched_yield();
	int obeyed = takt_node_should_quit(node) && atomic_load(&node_shm(node)->command_count) == 2;
	takt_node_leave(node);
	/* A second life must not take whatever has the number now. */
	int taken = open("/dev/null", O_RDONLY);
	node = fixture_child_join("bare");
	if (node == NULL || node->supervisor_pipe != -1)
		return 3;
	takt_node_leave(node);
	return obeyed && taken >= 0 ? 0 : 2;
}

static void the_supervisors_pipe_is_heard_and_its_end_survived(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, 0), 0);
	pid_t child = start_child(obey_supervisor, ends);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(write(ends[1], "ping\nquit\n", 10), 10);
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(result_of_child(child), 0);
}

static int lose_supervisor(void *argument)
{
	struct takt_node *node;

	(void)argument;
	/* A number that is no pipe: said, and the node runs on. */
	(void)setenv("TAKT_COMMAND_DESCRIPTOR", "999", 1);
	forget_said();
	node = fixture_child_join("bare");
	if (node == NULL || takt_node_set_ready(node) != TAKT_OK || node->supervisor_pipe != -1)
		return 1;
	if (strstr(fixture.said, "supervisor's commands are not heard") == NULL)
		return 2;
	takt_node_leave(node);
	return 0;
}

static void a_wrong_supervisors_descriptor_is_said_and_survived(void **state)
{
	(void)state;
	assert_int_equal(in_child(lose_supervisor, NULL), 0);
}

static uint32_t thread_count(void)
{
	DIR *list = opendir("/proc/self/task");
	uint32_t count = 0;

	assert_non_null(list);
	while (readdir(list) != NULL)
		count++;
	assert_int_equal(closedir(list), 0);
	return count;
}

/* A joined thread leaves the kernel's list a moment later; an emulator's thread even more so. */
static uint32_t settled_thread_count(uint32_t expected)
{
	const uint64_t deadline_ns = takt_os_clock_now_ns() + 60 * TAKT_NS_PER_S;

	while (thread_count() != expected && takt_os_clock_now_ns() < deadline_ns)
		(void)sched_yield();
	return thread_count();
}

static void leaving_ends_the_thread_and_leaks_no_descriptor(void **state)
{
	unsigned descriptors = fixture_count_descriptors();
	uint32_t threads = thread_count();

	(void)state;
	for (uint32_t i = 0; i < LIFE_COUNT; i++) {
		struct takt_node *bare = fixture_join("bare");

		assert_int_equal(takt_node_set_ready(bare), TAKT_OK);
		assert_int_equal(takt_node_set_ready(bare), TAKT_OK);
		assert_int_equal(ask("bare", "ping"), TAKT_OK);
		assert_int_equal(thread_count(), threads + 1);
		takt_node_leave(bare);
		fixture.node_count--;
		assert_int_equal(settled_thread_count(threads), threads);
		assert_int_equal(fixture_count_descriptors(), descriptors);
	}
}

#define obeying(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		obeying(every_standard_command_answers),
		obeying(without_a_reply_pipe_the_answer_is_a_message),
		obeying(what_is_wrong_is_refused_with_a_reason_and_changes_nothing),
		obeying(a_node_without_parameters_and_loop_says_so),
		obeying(garbage_of_any_length_is_survived),
		obeying(the_piece_of_a_dead_sender_does_not_spoil_the_next_line),
		obeying(many_lines_in_one_write_are_obeyed_in_order),
		obeying(a_flood_is_obeyed_at_a_bounded_rate),
		obeying(a_flood_without_an_end_is_read_at_a_bounded_rate),
		obeying(an_answer_is_written_to_a_pipe_of_the_folder_and_to_nothing_else),
		obeying(a_request_is_one_command_and_nothing_else),
		obeying(the_rules_say_who_may_do_what),
		obeying(an_asker_who_does_not_read_holds_up_nobody),
		obeying(own_commands_run_in_the_loops_thread_between_cycles),
		obeying(a_loop_that_hangs_does_not_hang_the_commands),
		obeying(an_own_command_that_hangs_is_told_and_may_end_later),
		obeying(own_commands_need_names_of_their_own),
		obeying(the_supervisors_pipe_is_heard_and_its_end_survived),
		obeying(a_wrong_supervisors_descriptor_is_said_and_survived),
		obeying(leaving_ends_the_thread_and_leaks_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
