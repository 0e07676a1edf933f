/* SPDX-License-Identifier: Apache-2.0 */
/* The programs that are started are this one: an argument makes it play a part. */
#include "tests/unit/platform/support.h"

#include <dirent.h>
#include <poll.h>

#include "platform/pipe.h"
#include "platform/presence.h"
#include "platform/process.h"
#include "platform/shm.h"
#include "platform/thread.h"

static char self[512];
static const char *started = self; /* what runs this program: itself, or a script that runs it under an emulator */

/* --- the parts --- */

static int command_descriptor(void)
{
	const char *text = getenv("TAKT_COMMAND_DESCRIPTOR");

	return text != NULL ? atoi(text) : -1;
}

static int play_speaker(void)
{
	(void)printf("to output\n");
	(void)fflush(stdout);
	(void)fprintf(stderr, "to error\n");
	return 5;
}

/* Copies its commands to its output until they end. */
static int play_parrot(void)
{
	const int commands = command_descriptor();
	char text[256];

	for (;;) {
		uint32_t ready = 0;
		uint32_t count = 0;
		enum takt_status status;

		if (takt_os_pipe_adopt(commands) != TAKT_OK)
			return 1;
		if (takt_os_pipe_wait(&commands, 1, TAKT_FOREVER, &ready) != TAKT_OK)
			return 2;
		status = takt_os_pipe_read(commands, text, sizeof(text), &count);
		if (status == TAKT_CLOSED)
			return 0;
		if (status != TAKT_OK || write(STDOUT_FILENO, text, count) != (ssize_t)count)
			return 3;
	}
}

static int play_self_killer(void)
{
	return raise(SIGKILL);
}

static int play_sleeper(void)
{
	while (pause() < 0)
		;
	return 1;
}

/* Says what it was given: environment, group, signals, input, CPUs, descriptors. */
static int play_reporter(void)
{
	const char *added = getenv("TAKT_TEST_ADDED");
	const char *replaced = getenv("TAKT_TEST_REPLACED");
	unsigned blocked_count = 0;
	unsigned ignored_count = 0;
	unsigned open_count = 0;
	unsigned copy_count = 0;
	sigset_t blocked;
	cpu_set_t cpus;
	char byte;

	(void)sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int number = 1; number < 32; number++) {
		struct sigaction action;

		blocked_count += sigismember(&blocked, number) == 1;
		if (sigaction(number, NULL, &action) == 0)
			ignored_count += action.sa_handler == SIG_IGN;
	}
	for (int descriptor = 0; descriptor < 1024; descriptor++)
		if (descriptor != command_descriptor())
			open_count += fcntl(descriptor, F_GETFD) >= 0;
	for (char **variable = environ; *variable != NULL; variable++)
		copy_count += strncmp(*variable, "TAKT_TEST_REPLACED=", 19) == 0;
	(void)sched_getaffinity(0, sizeof(cpus), &cpus);
	(void)printf("added=%s replaced=%s copies=%u group=%s blocked=%u ignored=%u open=%u cpus=%d input=%zd\n",
		     added != NULL ? added : "none", replaced != NULL ? replaced : "none", copy_count,
		     getpgrp() == getpid() ? "own" : "other", blocked_count, ignored_count, open_count,
		     CPU_COUNT(&cpus), read(STDIN_FILENO, &byte, 1));
	return 0;
}

/* Lives until it is told by a named pipe; then answers on it. */
static int play_survivor(void)
{
	int folder = -1;
	int writer = -1;
	char byte;

	/* The supervisor's end of the command pipe closes with its death. */
	while (read(command_descriptor(), &byte, 1) != 0)
		;
	if (takt_os_folder_open_root(&folder) != TAKT_OK)
		return 1;
	if (takt_os_fifo_open_writer(&writer, folder, "answer") != TAKT_OK)
		return 2;
	return takt_os_pipe_write(writer, "alive", 5) == TAKT_OK ? 0 : 3;
}

static int play(const char *part)
{
	static const struct {
		const char *name;
		int (*play)(void);
	} parts[] = {
		{"speaker", play_speaker}, {"parrot", play_parrot},	{"self_killer", play_self_killer},
		{"sleeper", play_sleeper}, {"reporter", play_reporter}, {"survivor", play_survivor},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(parts[i].name, part) == 0)
			return parts[i].play();
	return 99;
}

/* --- helpers --- */

static enum takt_status start_part(struct takt_os_process *process, const char *part, const char *const *environment)
{
	const char *const arguments[] = {started, part, NULL};

	memset(process, 0, sizeof(*process));
	return takt_os_process_start(process, arguments, environment);
}

/* All that it writes until it closes its output. */
static void read_output(const struct takt_os_process *process, char text[512])
{
	uint32_t done = 0;

	for (;;) {
		uint32_t ready = 0;
		uint32_t count = 0;
		enum takt_status status;

		assert_int_equal(takt_os_pipe_wait(&process->output, 1, takt_os_clock_now_ns() + LONG_NS, &ready),
				 TAKT_OK);
		status = takt_os_pipe_read(process->output, text + done, 511 - done, &count);
		if (status == TAKT_CLOSED)
			break;
		assert_int_equal(status, TAKT_OK);
		done += count;
	}
	text[done] = '\0';
}

static struct takt_os_end wait_for_end(struct takt_os_process *process)
{
	struct takt_os_end end = {-1, -1};
	uint32_t ready = 0;

	assert_true(process->descriptor >= 0);
	assert_int_equal(takt_os_pipe_wait(&process->descriptor, 1, takt_os_clock_now_ns() + LONG_NS, &ready), TAKT_OK);
	assert_int_equal(takt_os_process_reap(process, &end), TAKT_OK);
	assert_int_equal(process->running, 0);
	return end;
}

/* --- the tests --- */

static void output_error_and_exit_code_arrive(void **state)
{
	struct takt_os_process process;
	struct takt_os_end end;
	char text[512];

	(void)state;
	assert_int_equal(start_part(&process, "speaker", NULL), TAKT_OK);
	assert_int_equal(process.running, 1);
	assert_true(process.id > 0);
	read_output(&process, text);
	assert_string_equal(text, "to output\nto error\n");
	end = wait_for_end(&process);
	assert_int_equal(end.signalled, 0);
	assert_int_equal(end.code, 5);
	takt_os_process_close(&process);
	assert_int_equal(process.output, -1);
	takt_os_process_close(&process);
}

static void commands_reach_the_program(void **state)
{
	struct takt_os_process process;
	char text[512];

	(void)state;
	assert_int_equal(start_part(&process, "parrot", NULL), TAKT_OK);
	assert_int_equal(takt_os_pipe_write(process.commands, "set kp=1.2\n", 11), TAKT_OK);
	assert_int_equal(takt_os_pipe_write(process.commands, "stop\n", 5), TAKT_OK);
	takt_os_pipe_close(&process.commands);
	read_output(&process, text);
	assert_string_equal(text, "set kp=1.2\nstop\n");
	assert_int_equal(wait_for_end(&process).code, 0);
	takt_os_process_close(&process);
}

static void a_program_that_reads_no_commands_does_not_block_the_supervisor(void **state)
{
	static char block[TAKT_OS_PIPE_ATOMIC_BYTES];
	struct takt_os_process process;
	enum takt_status status;

	(void)state;
	assert_int_equal(start_part(&process, "sleeper", NULL), TAKT_OK);
	do
		status = takt_os_pipe_write(process.commands, block, sizeof(block));
	while (status == TAKT_OK);
	assert_int_equal(status, TAKT_FULL);
	assert_int_equal(takt_os_process_signal(&process, TAKT_OS_PROCESS_KILL), TAKT_OK);
	assert_int_equal(wait_for_end(&process).signalled, 1);
	assert_int_equal(takt_os_pipe_write(process.commands, "x", 1), TAKT_CLOSED);
	takt_os_process_close(&process);
}

static void a_running_program_has_no_end_yet(void **state)
{
	struct takt_os_process process;
	struct takt_os_end end = {7, 7};
	uint32_t ready = 7;

	(void)state;
	assert_int_equal(start_part(&process, "sleeper", NULL), TAKT_OK);
	assert_int_equal(takt_os_process_reap(&process, &end), TAKT_EMPTY);
	assert_int_equal(end.code, 7);
	assert_int_equal(process.running, 1);
	assert_int_equal(takt_os_pipe_wait(&process.descriptor, 1, 0, &ready), TAKT_TIMEOUT);
	assert_int_equal(takt_os_process_signal(&process, TAKT_OS_PROCESS_TERMINATE), TAKT_OK);
	end = wait_for_end(&process);
	assert_int_equal(end.signalled, 1);
	assert_int_equal(end.code, SIGTERM);
	takt_os_process_close(&process);
}

static void a_killed_program_names_its_signal(void **state)
{
	struct takt_os_process process;
	struct takt_os_end end;

	(void)state;
	assert_int_equal(start_part(&process, "self_killer", NULL), TAKT_OK);
	end = wait_for_end(&process);
	assert_int_equal(end.signalled, 1);
	assert_int_equal(end.code, SIGKILL);
	takt_os_process_close(&process);
}

static void a_signal_after_the_end_is_absent(void **state)
{
	struct takt_os_process process;
	struct takt_os_end end = {7, 7};
	uint32_t ready;

	(void)state;
	assert_int_equal(start_part(&process, "self_killer", NULL), TAKT_OK);
	assert_int_equal(takt_os_pipe_wait(&process.descriptor, 1, takt_os_clock_now_ns() + LONG_NS, &ready), TAKT_OK);
	assert_int_equal(takt_os_process_signal(&process, TAKT_OS_PROCESS_KILL), TAKT_ABSENT);
	assert_int_equal(takt_os_process_reap(&process, &end), TAKT_OK);
	assert_int_equal(takt_os_process_signal(&process, TAKT_OS_PROCESS_KILL), TAKT_ABSENT);
	assert_int_equal(takt_os_process_reap(&process, &end), TAKT_EMPTY);
	takt_os_process_close(&process);
}

static void what_cannot_be_started_is_a_status_with_a_message(void **state)
{
	const char *const absent[] = {"/no/such/program", NULL};
	const char *const not_in_path[] = {"takt-no-such-program", NULL};
	char path[128];
	const char *const no_program[] = {path, NULL};
	struct takt_os_process process;

	(void)state;
	(void)setenv("PATH", "/usr/bin:/bin", 1);
	memset(&process, 7, sizeof(process));
	assert_int_equal(takt_os_process_start(&process, absent, NULL), TAKT_ABSENT);
	assert_message_has("program '/no/such/program'");
	assert_int_equal(takt_os_process_start(&process, not_in_path, NULL), TAKT_ABSENT);
	scratch_path(path, "text");
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(takt_os_process_start(&process, no_program, NULL), TAKT_DENIED);
	assert_message_has("chmod +x");
	assert_int_equal(process.id, 0x07070707);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static unsigned open_descriptor_count(void)
{
	unsigned count = 0;

	for (int descriptor = 0; descriptor < 1024; descriptor++)
		count += fcntl(descriptor, F_GETFD) >= 0;
	return count;
}

static void neither_success_nor_failure_leaks_a_descriptor(void **state)
{
	const char *const absent[] = {"/no/such/program", NULL};
	const unsigned before = open_descriptor_count();
	struct takt_os_process process;

	(void)state;
	for (int i = 0; i < 5; i++) {
		memset(&process, 0, sizeof(process));
		assert_int_equal(takt_os_process_start(&process, absent, NULL), TAKT_ABSENT);
		assert_int_equal(start_part(&process, "self_killer", NULL), TAKT_OK);
		(void)wait_for_end(&process);
		takt_os_process_close(&process);
	}
	assert_int_equal(open_descriptor_count(), before);
}

static void a_program_is_found_in_the_path(void **state)
{
	const char *const arguments[] = {"sh", "-c", "echo \"$0 $1\"", "zero", "one", NULL};
	struct takt_os_process process = {0};
	char text[512];

	(void)state;
	assert_int_equal(takt_os_process_start(&process, arguments, NULL), TAKT_OK);
	read_output(&process, text);
	assert_string_equal(text, "zero one\n");
	(void)wait_for_end(&process);
	takt_os_process_close(&process);
}

static int start_reporter_from_a_special_process(void *argument)
{
	const char *const environment[] = {"TAKT_TEST_ADDED=1", "TAKT_TEST_REPLACED=new", NULL};
	const char *expected = argument;
	struct takt_os_process process;
	char text[512];
	cpu_set_t cpus;
	sigset_t all;

	/* What the runner of this test handed down is none of our business. */
	for (int descriptor = 3; descriptor < 1024; descriptor++)
		(void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
	/* All that a supervisor could hand down by accident. */
	(void)setenv("TAKT_TEST_REPLACED", "old", 1);
	(void)setenv("TAKT_COMMAND_DESCRIPTOR", "999", 1);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	(void)sched_getaffinity(0, sizeof(cpus), &cpus);
	for (unsigned cpu = 0; CPU_COUNT(&cpus) > 1; cpu++)
		CPU_CLR(cpu, &cpus);
	(void)sched_setaffinity(0, sizeof(cpus), &cpus);
	if (start_part(&process, "reporter", environment) != TAKT_OK)
		return 1;
	read_output(&process, text);
	(void)wait_for_end(&process);
	if (strcmp(text, expected) != 0)
		(void)fprintf(stderr, "found:    %sexpected: %s", text, expected);
	return strcmp(text, expected) == 0 ? 0 : 2;
}

static void a_program_starts_as_if_from_a_fresh_shell(void **state)
{
	char expected[256];

	(void)state;
	(void)snprintf(expected, sizeof(expected),
		       "added=1 replaced=new copies=1 group=own blocked=0 ignored=0 open=3 cpus=%u input=0\n",
		       takt_os_cpu_count());
	assert_int_equal(in_child(start_reporter_from_a_special_process, expected), 0);
}

static int start_without_standard_descriptors(void *argument)
{
	struct takt_os_process process;
	char text[512];

	(void)argument;
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	if (start_part(&process, "parrot", NULL) != TAKT_OK)
		return 1;
	if (takt_os_pipe_write(process.commands, "stop\n", 5) != TAKT_OK)
		return 2;
	takt_os_pipe_close(&process.commands);
	read_output(&process, text);
	return strcmp(text, "stop\n") == 0 && wait_for_end(&process).code == 0 ? 0 : 3;
}

static void a_supervisor_without_standard_descriptors_starts_programs_too(void **state)
{
	(void)state;
	assert_int_equal(in_child(start_without_standard_descriptors, NULL), 0);
}

static int start_survivor(void *argument)
{
	struct takt_os_process process;

	(void)argument;
	if (start_part(&process, "survivor", NULL) != TAKT_OK)
		return 1;
	return raise(SIGKILL);
}

static void a_program_outlives_its_supervisor(void **state)
{
	int folder = scratch_open();
	int reader = -1;
	uint32_t ready = 0;
	uint32_t count = 0;
	char text[16] = "";

	(void)state;
	assert_int_equal(takt_os_fifo_create(folder, "answer", &private_rights), TAKT_OK);
	assert_int_equal(takt_os_fifo_open_reader(&reader, folder, "answer", &private_rights), TAKT_OK);
	assert_int_equal(in_child(start_survivor, NULL), KILLED_BY(SIGKILL));
	assert_int_equal(takt_os_pipe_wait(&reader, 1, takt_os_clock_now_ns() + LONG_NS, &ready), TAKT_OK);
	assert_int_equal(takt_os_pipe_read(reader, text, sizeof(text) - 1, &count), TAKT_OK);
	assert_string_equal(text, "alive");
	takt_os_pipe_close(&reader);
	takt_os_folder_close(&folder);
}

static void a_started_program_keeps_no_lock_of_the_supervisor(void **state)
{
	const uint64_t token = 12345;
	struct takt_os_presence holder = {-1};
	struct takt_os_presence asker = {-1};
	struct takt_os_process process;
	int folder = scratch_open();

	(void)state;
	assert_int_equal(takt_os_shm_create(folder, "live", 0, &private_rights, NULL, NULL), TAKT_OK);
	assert_int_equal(takt_os_presence_open(&holder, folder, "live", 1, &private_rights), TAKT_OK);
	assert_int_equal(takt_os_presence_open(&asker, folder, "live", 0, &private_rights), TAKT_OK);
	assert_int_equal(takt_os_presence_hold(&holder, token), TAKT_OK);
	assert_int_equal(start_part(&process, "sleeper", NULL), TAKT_OK);
	takt_os_presence_close(&holder);
	assert_int_equal(takt_os_presence_ask(&asker, token), TAKT_OS_DEAD);
	takt_os_presence_close(&asker);
	assert_int_equal(takt_os_process_signal(&process, TAKT_OS_PROCESS_KILL), TAKT_OK);
	(void)wait_for_end(&process);
	takt_os_process_close(&process);
	takt_os_folder_close(&folder);
}

static void a_process_that_was_never_started_is_left_alone(void **state)
{
	struct takt_os_process process = {0};
	struct takt_os_end end;

	(void)state;
	assert_int_equal(takt_os_process_reap(&process, &end), TAKT_EMPTY);
	assert_int_equal(takt_os_process_signal(&process, TAKT_OS_PROCESS_KILL), TAKT_ABSENT);
	takt_os_process_close(&process);
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
}

static int manage_without_process_descriptors(void *argument)
{
	const uint64_t deadline_ns = takt_os_clock_now_ns() + LONG_NS;
	struct takt_os_process process;
	struct takt_os_end end = {0, 0};

	(void)argument;
	if (!refuse_call(SYS_pidfd_open, WHATEVER_ARGUMENT, 0, with_error(ENOSYS)))
		return CANNOT_REFUSE;
	if (start_part(&process, "sleeper", NULL) != TAKT_OK || process.descriptor != -1)
		return 1;
	if (takt_os_process_reap(&process, &end) != TAKT_EMPTY)
		return 2;
	if (takt_os_process_signal(&process, TAKT_OS_PROCESS_TERMINATE) != TAKT_OK)
		return 3;
	while (takt_os_process_reap(&process, &end) != TAKT_OK)
		if (takt_os_clock_now_ns() > deadline_ns)
			return 4;
	return end.signalled == 1 && end.code == SIGTERM ? 0 : 5;
}

static void an_old_kernel_without_process_descriptors_will_do(void **state)
{
	(void)state;
	assert_int_equal(unless_unable(in_child(manage_without_process_descriptors, NULL)), 0);
}

static int start_with_children_ignored(void *argument)
{
	struct takt_os_process process;
	struct takt_os_end end = {7, 7};
	const uint64_t deadline_ns = takt_os_clock_now_ns() + LONG_NS;

	(void)argument;
	(void)signal(SIGCHLD, SIG_IGN);
	if (start_part(&process, "speaker", NULL) != TAKT_OK)
		return 1;
	while (takt_os_process_reap(&process, &end) != TAKT_OK)
		if (takt_os_clock_now_ns() > deadline_ns)
			return 2;
	return end.signalled == 0 && end.code == -1 &&
			       takt_os_process_signal(&process, TAKT_OS_PROCESS_KILL) == TAKT_ABSENT
		       ? 0
		       : 3;
}

static void an_end_that_nobody_can_tell_is_still_an_end(void **state)
{
	(void)state;
	assert_int_equal(in_child(start_with_children_ignored, NULL), 0);
}

static int start_where_no_process_may_be_made(void *argument)
{
	struct takt_os_process process;

	(void)argument;
#ifdef SYS_clone3
	if (!refuse_call(SYS_clone3, WHATEVER_ARGUMENT, 0, with_error(EAGAIN)))
		return CANNOT_REFUSE;
#endif
	if (!refuse_call(SYS_clone, WHATEVER_ARGUMENT, 0, with_error(EAGAIN)))
		return CANNOT_REFUSE;
#ifdef SYS_fork
	if (!refuse_call(SYS_fork, WHATEVER_ARGUMENT, 0, with_error(EAGAIN)))
		return CANNOT_REFUSE;
#endif
	const unsigned before = open_descriptor_count();
	if (start_part(&process, "speaker", NULL) != TAKT_NO_SPACE)
		return 1;
	return open_descriptor_count() == before && messages.count == 1 ? 0 : 2;
}

static void without_room_for_a_process_there_is_no_space(void **state)
{
	(void)state;
	assert_int_equal(unless_unable(in_child(start_where_no_process_may_be_made, NULL)), 0);
}

static int start_with_a_huge_environment(void *argument)
{
	struct takt_os_process process;

	(void)argument;
	for (int i = 0; i < 1100; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "TAKT_TEST_%d", i);
		if (setenv(name, "x", 1) != 0)
			return 99;
	}
	return start_part(&process, "speaker", NULL) == TAKT_LIMIT && messages.count == 1 ? 0 : 1;
}

static void too_large_an_environment_is_a_limit(void **state)
{
	(void)state;
	assert_int_equal(in_child(start_with_a_huge_environment, NULL), 0);
}

static void signals_have_names(void **state)
{
	(void)state;
	assert_string_equal(takt_os_signal_name(SIGKILL), "SIGKILL");
	assert_string_equal(takt_os_signal_name(SIGSEGV), "SIGSEGV");
	assert_string_equal(takt_os_signal_name(SIGTERM), "SIGTERM");
	assert_string_equal(takt_os_signal_name(0), "signal");
	assert_string_equal(takt_os_signal_name(-1), "signal");
}

static void the_programs_folder_is_where_its_file_is(void **state)
{
	char expected[512];
	char path[512] = "x";

	(void)state;
	(void)snprintf(expected, sizeof(expected), "%s", self);
	*strrchr(expected, '/') = '\0';
	assert_int_equal(takt_os_program_folder(path, 1), TAKT_LIMIT);
	assert_int_equal(takt_os_program_folder(path, (uint32_t)strlen(expected)), TAKT_LIMIT);
	assert_string_equal(path, "x");
	assert_int_equal(takt_os_program_folder(path, (uint32_t)strlen(expected) + 1), TAKT_OK);
	assert_string_equal(path, expected);
}

static int start(void **state)
{
	(void)signal(SIGPIPE, SIG_IGN);
	return scratch_set_up(state);
}

#define WITH_SCRATCH(test) cmocka_unit_test_setup_teardown(test, start, scratch_tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		WITH_SCRATCH(output_error_and_exit_code_arrive),
		WITH_SCRATCH(commands_reach_the_program),
		WITH_SCRATCH(a_program_that_reads_no_commands_does_not_block_the_supervisor),
		WITH_SCRATCH(a_running_program_has_no_end_yet),
		WITH_SCRATCH(a_killed_program_names_its_signal),
		WITH_SCRATCH(a_signal_after_the_end_is_absent),
		WITH_SCRATCH(what_cannot_be_started_is_a_status_with_a_message),
		WITH_SCRATCH(neither_success_nor_failure_leaks_a_descriptor),
		WITH_SCRATCH(a_program_is_found_in_the_path),
		WITH_SCRATCH(a_program_starts_as_if_from_a_fresh_shell),
		WITH_SCRATCH(a_supervisor_without_standard_descriptors_starts_programs_too),
		WITH_SCRATCH(a_program_outlives_its_supervisor),
		WITH_SCRATCH(a_started_program_keeps_no_lock_of_the_supervisor),
		WITH_SCRATCH(a_process_that_was_never_started_is_left_alone),
		WITH_SCRATCH(an_old_kernel_without_process_descriptors_will_do),
		WITH_SCRATCH(an_end_that_nobody_can_tell_is_still_an_end),
		WITH_SCRATCH(without_room_for_a_process_there_is_no_space),
		WITH_SCRATCH(too_large_an_environment_is_a_limit),
		WITH_SCRATCH(signals_have_names),
		WITH_SCRATCH(the_programs_folder_is_where_its_file_is),
	};
	const ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (argc > 1)
		return play(argv[1]);
	if (length <= 0)
		return 98;
	if (getenv("TAKT_TEST_SELF") != NULL)
		started = getenv("TAKT_TEST_SELF");
	return cmocka_run_group_tests_name("platform/process", tests, NULL, NULL);
}
