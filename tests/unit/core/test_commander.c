/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/loop_fixture.h"

#include "core/line.h"
#include "core/parameter.h"
#include "platform/pipe.h"
#include "platform/request.h"

struct gains {
	double error_gain;
	double ok;
	double errors;
};
TAKT_PARAMETERS(gains, struct gains, TAKT_PARAMETER(struct gains, error_gain, TAKT_F64, 2, 0, 100, ""),
		TAKT_PARAMETER(struct gains, ok, TAKT_F64, 3, 0, 100, ""),
		TAKT_PARAMETER(struct gains, errors, TAKT_F64, 4, 0, 100, ""));

static const char config[] = "domain: test\n"
			     "nodes:\n"
			     "  - {name: robot, program: x, period_us: 1000}\n"
			     "  - {name: never, program: x}\n";

static struct takt_node *robot;
static struct takt_parameters parameters;
static struct gains sets[TAKT_PARAMETER_SET_COUNT];

static int set_up(void **state)
{
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(config);
	memset(&parameters, 0, sizeof(parameters));
	robot = fixture_join("robot");
	return 0;
}

static void count_reply(void *context, const struct takt_os_entry *entry)
{
	*(unsigned *)context += strncmp(entry->name, "reply.", 6) == 0 || strncmp(entry->name, ".new", 4) == 0;
}

/* Whatever happened, the asker's pipe is gone. */
static void assert_no_reply_pipe(void)
{
	unsigned count = 0;

	assert_int_equal(takt_os_folder_each(robot->domain.folder, count_reply, &count), TAKT_OK);
	assert_int_equal(count, 0);
}

static enum takt_status ask_shortly(const char *node, const char *text)
{
	memset(&answer, 0, sizeof(answer));
	forget_said();
	return takt_command_send("test", node, text, takt_os_clock_now_ns() + SHORT_NS, keep_line, NULL);
}

/* From now on it is commanded by its pipe. */
static void remove_socket(const char *node)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/takt.test/socket.%s", scratch, node);
	assert_int_equal(unlink(path), 0);
}

static void tell_ok_and_error_apart(void)
{
	assert_int_equal(ask("robot", "ping"), TAKT_OK);
	assert_string_equal(answer.text, "ok robot\n");
	assert_no_reply_pipe();
	assert_int_equal(ask("robot", "fly"), TAKT_INVALID);
	assert_string_equal(answer.text, "error: unknown command; try: help\n");
	assert_no_reply_pipe();
	assert_nothing_said();
	/* Without anybody to tell the lines to. */
	assert_int_equal(takt_command_send("test", "robot", "help", takt_os_clock_now_ns() + LONG_NS, NULL, NULL),
			 TAKT_OK);
	assert_no_reply_pipe();
}

static void ok_and_error_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(takt_node_set_ready(robot), TAKT_OK);
	tell_ok_and_error_apart();
	remove_socket("robot");
	tell_ok_and_error_apart();
}

static void an_answer_of_many_lines_ends_where_it_ends(void **state)
{
	(void)state;
	assert_int_equal(takt_parameters_init(&parameters, robot, &takt_parameters_gains, sets), TAKT_OK);
	assert_int_equal(takt_node_set_ready(robot), TAKT_OK);
	assert_int_equal(ask("robot", "help"), TAKT_OK);
	assert_int_equal(answer.line_count, 11);
	assert_answered("\nok 10 commands\n");
	/* Lines that only begin like the last one. */
	assert_int_equal(ask("robot", "get error_gain ok errors"), TAKT_OK);
	assert_string_equal(answer.text, "error_gain=2\nok=3\nerrors=4\nok 3 parameters\n");
	assert_int_equal(ask("robot", "params"), TAKT_OK);
	assert_int_equal(answer.line_count, 4);
}

/* The bytes of the longest line that is sent; the next is refused, and the refusal says how many. */
static size_t find_longest(void)
{
	static char text[2 * TAKT_LINE_BYTES_MAX];
	size_t longest = 0;

	for (size_t length = TAKT_LINE_BYTES_MAX - 100; length <= TAKT_LINE_BYTES_MAX; length++) {
		memset(text, 'x', sizeof(text));
		memcpy(text, "ping ", 5);
		text[length] = '\0';
		forget_said();
		enum takt_status status = ask("robot", text);
		if (status == TAKT_OK) {
			assert_int_equal(longest, length == TAKT_LINE_BYTES_MAX - 100 ? 0 : length - 1);
			longest = length;
		} else {
			assert_int_equal(status, TAKT_INVALID);
			assert_said("a command is one line of at most ");
			assert_int_equal(strtoul(strstr(fixture.said, "at most ") + 8, NULL, 10), longest);
		}
		assert_no_reply_pipe();
	}
	/* Two lines are not one; the second would be obeyed without an asker. */
	assert_int_equal(ask("robot", "ping\nquit"), TAKT_INVALID);
	assert_int_equal(atomic_load(&robot->quit_wanted), 0);
	assert_no_reply_pipe();
	return longest;
}

static void a_line_as_long_as_may_be_is_sent_and_no_longer_one(void **state)
{
	(void)state;
	assert_int_equal(takt_node_set_ready(robot), TAKT_OK);
	assert_int_equal(find_longest(), TAKT_LINE_BYTES_MAX - 1);
	remove_socket("robot");
	/* The name of the pipe for the answer is in the same write. */
	assert_in_range(find_longest(), TAKT_LINE_BYTES_MAX - 50, TAKT_LINE_BYTES_MAX - 2);
}

static void a_node_that_does_not_answer_is_a_timeout(void **state)
{
	(void)state;
	/* It has its pipe open, and nobody reads: the node is not ready yet. */
	assert_int_equal(ask_shortly("robot", "ping"), TAKT_TIMEOUT);
	assert_said("node 'robot' of domain 'test' took the command and has not answered in time");
	assert_no_reply_pipe();
	/* What came too early is obeyed when it is ready; the asker has gone. */
	forget_said();
	assert_int_equal(takt_node_set_ready(robot), TAKT_OK);
	assert_int_equal(ask("robot", "status"), TAKT_OK);
	assert_answered("commands=2");
	assert_no_reply_pipe();
}

static void a_full_pipe_is_said(void **state)
{
	static char filling[4096];
	char path[128];

	(void)state;
	remove_socket("robot");
	(void)snprintf(path, sizeof(path), "%s/takt.test/command.robot", scratch);
	int pipe = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(pipe >= 0);
	memset(filling, '\n', sizeof(filling));
	while (write(pipe, filling, sizeof(filling)) == (ssize_t)sizeof(filling))
		;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(ask_shortly("robot", "ping"), TAKT_FULL);
	assert_said("there is no room for one more");
	assert_no_reply_pipe();
	assert_int_equal(close(pipe), 0);
	assert_int_equal(takt_node_set_ready(robot), TAKT_OK);
	/* Full until the node has read: the command waits for its room. */
	assert_int_equal(ask("robot", "ping"), TAKT_OK);
	assert_no_reply_pipe();
}

static void a_socket_without_room_is_said(void **state)
{
	enum takt_status status = TAKT_OK;
	int sender = -1, pending[1024];
	uint32_t count = 0;

	(void)state;
	assert_int_equal(takt_os_request_open(&sender, robot->domain.folder, "socket.robot"), TAKT_OK);
	while (status == TAKT_OK && count < sizeof(pending) / sizeof(pending[0])) {
		status = takt_os_request_send(sender, "robot", "ping", takt_os_clock_now_ns() + SHORT_NS / 4,
					      &pending[count]);
		count += status == TAKT_OK;
	}
	assert_int_equal(status, TAKT_FULL);
	assert_int_equal(ask_shortly("robot", "ping"), TAKT_FULL);
	assert_said("there is no room for one more");
	assert_int_equal(takt_node_set_ready(robot), TAKT_OK);
	assert_int_equal(ask("robot", "ping"), TAKT_OK);
	while (count > 0)
		takt_os_request_close(&pending[--count]);
	takt_os_request_close(&sender);
}

/* Has the command, and dies. */
static int join_and_die_of_a_command(void *argument)
{
	struct takt_node *node = fixture_child_join("never");
	uint32_t ready;

	if (node == NULL)
		return 1;
	atomic_store((_Atomic int *)argument, 1);
	return takt_os_pipe_wait(&node->command_socket, 1, takt_os_clock_now_ns() + LONG_NS, &ready) == TAKT_OK ? 0 : 2;
}

static void who_waits_for_a_node_that_dies_is_told_at_once(void **state)
{
	_Atomic int *has_joined = shared_memory(sizeof(*has_joined));
	const pid_t child = start_child(join_and_die_of_a_command, (void *)has_joined);

	(void)state;
	assert_true(wait_for_flag(has_joined, 1));
	assert_int_equal(ask("never", "ping"), TAKT_CLOSED);
	assert_said("node 'never' of domain 'test' ended, or had no descriptor left, before it answered");
	assert_int_equal(result_of_child(child), 0);
	assert_int_equal(munmap((void *)has_joined, sizeof(*has_joined)), 0);
}

static void a_dead_node_is_told_from_one_that_never_was(void **state)
{
	(void)state;
	(void)fixture_join("never");
	takt_node_leave(&fixture.nodes[--fixture.node_count]);
	assert_int_equal(ask_shortly("never", "ping"), TAKT_CLOSED);
	assert_said("node 'never' of domain 'test' does not run");
	assert_no_reply_pipe();
	assert_int_equal(ask_shortly("nobody", "ping"), TAKT_ABSENT);
	assert_said("node 'nobody' of domain 'test' has no command pipe");
	assert_no_reply_pipe();
	forget_said();
	assert_int_equal(takt_command_send("nowhere", "robot", "ping", 0, NULL, NULL), TAKT_ABSENT);
	assert_said("there is no domain 'nowhere'");
}

static int live_on(void *argument)
{
	_Atomic int *may_end = argument;

	/* The parent's node is lost here; its pipe must be too. Said, since a fork's child may come to run long behind its parent. */
	atomic_store(may_end + 2, 1);
	return wait_for_flag(may_end, 1) ? 0 : 1;
}

static int join_fork_and_die(void *argument)
{
	struct takt_node *node = fixture_child_join("never");

	if (node == NULL || fork() == 0) {
		int result = node == NULL ? 1 : live_on(argument);

		atomic_store((_Atomic int *)argument + 1, 1);
		_exit(result);
	}
	return 0;
}

static void a_dead_nodes_living_child_does_not_read_its_pipe(void **state)
{
	_Atomic int *flags = shared_memory(3 * sizeof(*flags));

	(void)state;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
		print_message("skipped: no process may adopt orphans here (an emulator)\n");
		skip();
	}
	assert_int_equal(in_child(join_fork_and_die, (void *)flags), 0);
	assert_true(wait_for_flag(&flags[2], 1));
	assert_int_equal(ask_shortly("never", "ping"), TAKT_CLOSED);
	remove_socket("never");
	assert_int_equal(ask_shortly("never", "ping"), TAKT_CLOSED);
	atomic_store(&flags[0], 1);
	assert_true(wait_for_flag(&flags[1], 1));
	assert_int_equal(result_of_child(-1), 0);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
	assert_int_equal(munmap((void *)flags, 3 * sizeof(*flags)), 0);
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const wrong[] = {"",	   "Robot",  "../robot",
					    "a/b", "ro bot", "a2345678901234567890123456789012"};

	(void)state;
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(ask_shortly(wrong[i], "ping"), TAKT_INVALID);
		assert_said("is no name");
		assert_int_equal(takt_command_send(wrong[i], "robot", "ping", 0, NULL, NULL), TAKT_INVALID);
	}
	assert_no_reply_pipe();
}

static void a_file_in_the_place_of_the_pipe_is_not_written(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/takt.test/command.never", scratch);
	int file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	assert_int_equal(ask_shortly("never", "ping"), TAKT_MISMATCH);
	assert_said("expected a named pipe");
	assert_int_equal(lseek(file, 0, SEEK_END), 0);
	assert_no_reply_pipe();
	assert_int_equal(close(file), 0);
	assert_int_equal(unlink(path), 0);
}

/* A peer that answers with what no node would: too long, no text, in pieces. */
static void a_strange_answer_harms_nobody(void **state)
{
	static char bytes[6000];
	char path[128];
	struct takt_line line;
	char error[128];
	pid_t child;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/takt.test/command.never", scratch);
	assert_int_equal(mkfifo(path, 0600), 0);
	int pipe = open(path, O_RDWR | O_CLOEXEC);
	assert_true(pipe >= 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		ssize_t got = read(pipe, bytes, sizeof(bytes) - 1);
		if (got < 3 || bytes[0] != '\n')
			_exit(1);
		bytes[got - 1] = '\0';
		if (takt_line_parse(bytes + 1, &line, error, sizeof(error)) != TAKT_OK)
			_exit(2);
		(void)snprintf(path, sizeof(path), "%s/takt.test/%s", scratch, line.reply);
		int answers = open(path, O_WRONLY);
		memset(bytes, 'o', 5000);
		memcpy(bytes + 5000, "\n\0k\xff\nokay\nerror\n\nok", 19);
		if (write(answers, bytes, 5019) != 5019 || write(answers, " done\nok twice\n", 15) != 15)
			_exit(3);
		_exit(0);
	}
	assert_int_equal(ask("never", "ping"), TAKT_OK);
	assert_int_equal(result_of_child(child), 0);
	assert_string_equal(answer.text, "\x01k\xff\nokay\nerror\n\nok done\n");
	assert_int_equal(close(pipe), 0);
	assert_no_reply_pipe();
}

#define asking(test) cmocka_unit_test_setup_teardown(test, set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		asking(ok_and_error_are_told_apart),
		asking(an_answer_of_many_lines_ends_where_it_ends),
		asking(a_line_as_long_as_may_be_is_sent_and_no_longer_one),
		asking(a_node_that_does_not_answer_is_a_timeout),
		asking(a_full_pipe_is_said),
		asking(a_socket_without_room_is_said),
		asking(who_waits_for_a_node_that_dies_is_told_at_once),
		asking(a_dead_node_is_told_from_one_that_never_was),
		asking(a_dead_nodes_living_child_does_not_read_its_pipe),
		asking(what_is_no_name_is_refused),
		asking(a_file_in_the_place_of_the_pipe_is_not_written),
		asking(a_strange_answer_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
