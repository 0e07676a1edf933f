/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rights/actor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/clock.h"

#define FIRST_USER     61001u
#define CANNOT_BECOME  111
#define CANNOT_EXECUTE 112
#define REPORT_BYTES   2048

/* ------------------------------------------------------------------------------------------------------ report */

/* Shared by all processes of the test. */
static struct report {
	_Atomic uint64_t checks;
	_Atomic uint64_t failures;
	char name[128];
} * report;

/* The children's own outputs are read by the test, so that what they report goes here. */
static int report_descriptor = STDERR_FILENO;

void report_init(void)
{
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	report_descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	if (report == MAP_FAILED || report_descriptor < 0)
		abort();
}

void begin_case(const char *name)
{
	(void)snprintf(report->name, sizeof(report->name), "%s", name);
}

static void print(const char *what, const char *format, va_list arguments)
{
	char text[REPORT_BYTES];
	int used = snprintf(text, sizeof(text), "%s %s: ", what, report->name);

	used += vsnprintf(text + used, sizeof(text) - (size_t)used - 1, format, arguments);
	if (used > (int)sizeof(text) - 2)
		used = (int)sizeof(text) - 2;
	text[used] = '\n';
	(void)!write(report_descriptor, text, (size_t)used + 1);
}

void expect(int holds, const char *format, ...)
{
	va_list arguments;

	atomic_fetch_add_explicit(&report->checks, 1, memory_order_relaxed);
	if (holds)
		return;
	atomic_fetch_add_explicit(&report->failures, 1, memory_order_relaxed);
	va_start(arguments, format);
	print("FAILED", format, arguments);
	va_end(arguments);
}

void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print("note", format, arguments);
	va_end(arguments);
}

void expect_said(const struct said *said, const char *part, const char *when)
{
	expect(strstr(said->text, part) != NULL, "%s: nobody said '%s', but (exit %d): %.1200s", when, part, said->code,
	       said->text);
}

uint64_t report_check_count(void)
{
	return atomic_load_explicit(&report->checks, memory_order_relaxed);
}

uint64_t report_failure_count(void)
{
	return atomic_load_explicit(&report->failures, memory_order_relaxed);
}

/* ------------------------------------------------------------------------------------------------------- users */

uid_t actor_user(enum actor actor)
{
	return actor == ACTOR_ROOT ? 0 : FIRST_USER + (uid_t)actor;
}

gid_t actor_group(enum actor actor)
{
	return (gid_t)actor_user(actor);
}

const char *actor_name(enum actor actor)
{
	static const char *const names[] = {"root", "publisher", "twin", "reader", "intruder", "stranger", "victim"};

	_Static_assert(sizeof(names) / sizeof(names[0]) == ACTOR_COUNT, "every actor has a name");
	return names[actor];
}

void actor_become(enum actor actor)
{
	static const gid_t of_publishers[] = {GROUP_MEMBERS, GROUP_PUBLISHERS};
	const uid_t user = actor_user(actor);
	size_t count = 0;

	if (actor == ACTOR_ROOT) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	if (actor == ACTOR_PUBLISHER || actor == ACTOR_TWIN)
		count = 2;
	else if (actor == ACTOR_READER || actor == ACTOR_INTRUDER)
		count = 1;
	if (setgroups(count, of_publishers) != 0 || setresgid(user, user, user) != 0 ||
	    setresuid(user, user, user) != 0 || setuid(0) == 0)
		_exit(CANNOT_BECOME);
	/* Or the kernel would guard this process's /proc against itself, and doors there would seem shut. The new identity has taken
	 * the signal at the parent's death away. */
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		_exit(CANNOT_BECOME);
}

/* --------------------------------------------------------------------------------------------------- processes */

/* Reads to the end, or until the life is over. 1: it ended by itself. */
static int collect(struct said *said, int output)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + (uint64_t)LIFE_MS_MAX * TAKT_NS_PER_MS;
	size_t used = 0;
	char dropped[512];

	for (;;) {
		struct pollfd polled = {output, POLLIN, 0};
		const uint64_t now_ns = takt_os_clock_now_ns();
		const size_t room = sizeof(said->text) - 1 - used;
		ssize_t got;

		said->text[used] = '\0';
		if (now_ns >= end_ns || poll(&polled, 1, (int)((end_ns - now_ns) / TAKT_NS_PER_MS) + 1) == 0)
			return 0;
		got = read(output, room ? said->text + used : dropped, room ? room : sizeof(dropped));
		if (got == 0)
			return 1;
		if (got > 0 && room)
			used += (size_t)got;
	}
}

static int code_of(pid_t process)
{
	int status;

	while (waitpid(process, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void actor_run(struct said *said, enum actor actor, mode_t mask, int (*body)(void *context), void *context)
{
	int ends[2];
	pid_t process;

	said->code = -1;
	said->text[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) != 0 || (process = fork()) < 0) {
		expect(0, "no process for the %s: %s", actor_name(actor), strerror(errno));
		return;
	}
	if (process == 0) {
		if (dup2(ends[1], STDOUT_FILENO) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
			_exit(CANNOT_BECOME);
		(void)close(ends[1]);
		actor_become(actor);
		(void)umask(mask);
		const int result = body(context);
		(void)fflush(stdout);
		_exit(result);
	}
	(void)close(ends[1]);
	if (!collect(said, ends[0])) {
		expect(0, "a process of the %s has not ended: %.500s", actor_name(actor), said->text);
		(void)kill(process, SIGKILL);
	}
	(void)close(ends[0]);
	said->code = code_of(process);
	expect(said->code != CANNOT_BECOME, "cannot become the %s", actor_name(actor));
}

static int execute(void *context)
{
	char *const *arguments = context;

	(void)execv(arguments[0], arguments);
	return CANNOT_EXECUTE;
}

void actor_execute(struct said *said, enum actor actor, mode_t mask, const char *const *arguments)
{
	actor_run(said, actor, mask, execute, (void *)(uintptr_t)arguments);
	expect(said->code != CANNOT_EXECUTE, "cannot execute %s", arguments[0]);
}

void companion_start(struct companion *companion, enum actor actor, int (*body)(int orders, int answers, void *context),
		     void *context)
{
	int orders[2];
	int answers[2];

	*companion = (struct companion){.process = -1, .orders = -1, .answers = -1};
	(void)snprintf(companion->log, sizeof(companion->log), "/tmp/takt-rights-%d-%s.log", (int)getpid(),
		       actor_name(actor));
	if (pipe2(orders, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0 || (companion->process = fork()) < 0)
		abort();
	if (companion->process == 0) {
		(void)close(orders[1]);
		(void)close(answers[0]);
		const int log = open(companion->log, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
		if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
			_exit(CANNOT_BECOME);
		actor_become(actor);
		_exit(body(orders[0], answers[1], context));
	}
	(void)close(orders[0]);
	(void)close(answers[1]);
	companion->orders = orders[1];
	companion->answers = answers[0];
}

char companion_ask(const struct companion *companion, char order)
{
	struct pollfd polled = {companion->answers, POLLIN, 0};
	char answer = 0;

	if (order && write(companion->orders, &order, 1) != 1)
		return 0;
	if (poll(&polled, 1, LIFE_MS_MAX) != 1 || read(companion->answers, &answer, 1) != 1)
		return 0;
	return answer;
}

int companion_end(struct companion *companion)
{
	struct pollfd polled = {companion->answers, POLLIN, 0};

	/* An order, since another companion may hold our end of its orders. */
	(void)!write(companion->orders, "q", 1);
	(void)close(companion->orders);
	if (poll(&polled, 1, LIFE_MS_MAX) != 1)
		(void)kill(companion->process, SIGKILL);
	(void)close(companion->answers);
	(void)unlink(companion->log);
	return code_of(companion->process);
}

void companion_said(const struct companion *companion, struct said *said)
{
	const int log = open(companion->log, O_RDONLY | O_CLOEXEC);
	const ssize_t got = log < 0 ? 0 : read(log, said->text, sizeof(said->text) - 1);

	said->text[got > 0 ? got : 0] = '\0';
	said->code = 0;
	(void)close(log);
}
