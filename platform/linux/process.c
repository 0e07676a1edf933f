/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/message.h"
#include "platform/thread.h"

/* The program's environment: this process's own, and what the supervisor adds. */
#define ENVIRONMENT_COUNT_MAX 1024

/* Descriptors 0 to 2 belong to the child's standard streams. */
#define FIRST_FREE_DESCRIPTOR 3

#define SIGNAL_COUNT 65

extern char **environ;

/* All that the child needs, made before the fork: after it, only async-signal-safe calls are allowed. Zeroed at first, so that
 * the environment has its end at any time. */
struct launch {
	const char *const *arguments;
	char *environment[ENVIRONMENT_COUNT_MAX + 1];
	char command_variable[48];
	int commands[2]; /* reading end, writing end */
	int output[2];
	int failure[2]; /* carries the errno of a failed exec; closed by a successful one */
};

/* A pipe whose ends do not lie where the child's standard streams go. Returns 0 or an errno. */
static int make_pipe(int ends[2], int flags)
{
	if (pipe2(ends, O_CLOEXEC | flags) != 0)
		return errno;
	for (int i = 0; i < 2; i++) {
		if (ends[i] < FIRST_FREE_DESCRIPTOR) {
			int moved = fcntl(ends[i], F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR);

			if (moved < 0)
				return errno;
			takt_port_close(&ends[i]);
			ends[i] = moved;
		}
	}
	return 0;
}

static void close_launch(struct launch *launch)
{
	for (int i = 0; i < 2; i++) {
		takt_port_close(&launch->commands[i]);
		takt_port_close(&launch->output[i]);
		takt_port_close(&launch->failure[i]);
	}
}

static enum takt_status make_pipes(struct launch *launch)
{
	int error = make_pipe(launch->commands, 0);

	if (error == 0)
		error = make_pipe(launch->output, 0);
	if (error == 0)
		error = make_pipe(launch->failure, 0);
	/* The supervisor never blocks on either; the program's own end of its output stays an ordinary one. The flag of the
	 * command pipe's reading end is set by the node (takt_os_pipe_adopt). */
	if (error == 0 && (fcntl(launch->commands[1], F_SETFL, O_WRONLY | O_NONBLOCK) != 0 ||
			   fcntl(launch->output[0], F_SETFL, O_RDONLY | O_NONBLOCK) != 0))
		error = errno;
	if (error == 0)
		return TAKT_OK;
	takt_message(TAKT_ERROR,
		     "program '%s': cannot make a pipe for it: %s; the limit of open files is set with ulimit -n",
		     launch->arguments[0], strerror(error));
	return error == EMFILE || error == ENFILE ? TAKT_NO_SPACE : TAKT_SYSTEM;
}

static int names_the_same(const char *a, const char *b)
{
	const size_t length = strcspn(a, "=");

	return strncmp(a, b, length) == 0 && b[length] == '=';
}

static int is_replaced(const char *variable, const char *const *added)
{
	for (; added != NULL && *added != NULL; added++)
		if (names_the_same(*added, variable))
			return 1;
	return 0;
}

static enum takt_status make_environment(struct launch *launch, const char *const *added)
{
	unsigned count = 0;

	(void)snprintf(launch->command_variable, sizeof(launch->command_variable), "TAKT_COMMAND_DESCRIPTOR=%d",
		       launch->commands[0]);
	launch->environment[count++] = launch->command_variable;
	for (; added != NULL && *added != NULL; added++) {
		if (count == ENVIRONMENT_COUNT_MAX)
			return TAKT_LIMIT;
		launch->environment[count++] =
			(char *)(uintptr_t)*added; /* exec's type has no const; it writes nothing */
	}
	for (char **inherited = environ; inherited != NULL && *inherited != NULL; inherited++) {
		if (is_replaced(*inherited, (const char *const *)launch->environment))
			continue;
		if (count == ENVIRONMENT_COUNT_MAX)
			return TAKT_LIMIT;
		launch->environment[count++] = *inherited;
	}
	return TAKT_OK;
}

static void reset_signals(void)
{
	struct sigaction standard;
	sigset_t none;

	memset(&standard, 0, sizeof(standard));
	standard.sa_handler = SIG_DFL;
	for (int number = 1; number < SIGNAL_COUNT; number++)
		(void)sigaction(number, &standard, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

__attribute__((noreturn)) static void run_child(struct launch *launch)
{
	const cpu_set_t *cpus = takt_port_cpus_at_start();
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int error;

	reset_signals();
	(void)setpgid(0, 0);
	(void)umask(umask(0777) | S_IWOTH);
	if (cpus != NULL)
		(void)sched_setaffinity(0, sizeof(*cpus), cpus);
	if (null == STDIN_FILENO)
		(void)fcntl(null, F_SETFD, 0);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(launch->output[1], STDOUT_FILENO) >= 0 &&
	    dup2(launch->output[1], STDERR_FILENO) >= 0 && fcntl(launch->commands[0], F_SETFD, 0) == 0)
		(void)execvpe(launch->arguments[0], (char *const *)(uintptr_t)launch->arguments, launch->environment);
	error = errno;
	/* Four bytes into an empty pipe: all of them go. */
	while (write(launch->failure[1], &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* What became of the exec: 0, or its errno. Waits until the child has done one or the other, or died. */
static int exec_error(struct launch *launch)
{
	int error = 0;
	ssize_t got;

	takt_port_close(&launch->failure[1]);
	do
		got = read(launch->failure[0], &error, sizeof(error));
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(error) ? error : 0;
}

static enum takt_status start_refused(const char *program, int error)
{
	const char *remedy = "";

	if (error == ENOENT)
		remedy =
			"; there is no such program (or its interpreter is missing); give its path or put it into PATH";
	else if (error == EACCES)
		remedy = "; make it executable with: chmod +x (or a folder named in PATH may not be searched)";
	takt_message(TAKT_ERROR, "program '%s': cannot start it: %s%s", program, strerror(error), remedy);
	return error == ENOTDIR ? TAKT_ABSENT : takt_port_status(error);
}

/* The descriptor becomes readable when the process ends; before Linux 5.3 there is none, and only asking tells. */
static int open_process(pid_t id)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, id, 0);
#else
	(void)id;
	return -1;
#endif
}

static void take_over(struct takt_os_process *process, struct launch *launch, pid_t id)
{
	process->id = (uint32_t)id;
	process->descriptor = open_process(id);
	process->running = 1;
	process->output = launch->output[0];
	process->commands = launch->commands[1];
	launch->output[0] = -1;
	launch->commands[1] = -1;
}

enum takt_status takt_os_process_start(struct takt_os_process *process, const char *const *arguments,
				       const char *const *environment)
{
	struct launch launch = {.arguments = arguments, .commands = {-1, -1}, .output = {-1, -1}, .failure = {-1, -1}};
	enum takt_status status = make_pipes(&launch);
	int error;
	pid_t id;

	if (status == TAKT_OK)
		status = make_environment(&launch, environment);
	if (status == TAKT_LIMIT)
		takt_message(TAKT_ERROR, "program '%s': more than %d environment variables", arguments[0],
			     ENVIRONMENT_COUNT_MAX);
	if (status != TAKT_OK)
		goto close_pipes;
	id = fork();
	if (id == 0)
		run_child(&launch);
	error = id < 0 ? errno : exec_error(&launch);
	if (error == 0) {
		take_over(process, &launch, id);
	} else {
		status = start_refused(arguments[0], error);
		while (id > 0 && waitpid(id, NULL, 0) < 0 && errno == EINTR)
			;
	}

close_pipes:
	close_launch(&launch);
	return status;
}

/* Its end can be taken already, and the kernel would accept a signal that nobody gets; or it was taken by somebody else (ECHILD), and
 * its number may be another's by now. */
static int has_ended(const struct takt_os_process *process)
{
	siginfo_t info;
	int result;

	memset(&info, 0, sizeof(info));
	do
		result = waitid(P_PID, (id_t)process->id, &info, WEXITED | WNOHANG | WNOWAIT);
	while (result != 0 && errno == EINTR);
	return result != 0 || info.si_pid != 0;
}

enum takt_status takt_os_process_signal(const struct takt_os_process *process, enum takt_os_process_signal signal)
{
	const int number = signal == TAKT_OS_PROCESS_KILL ? SIGKILL : SIGTERM;
	int result = -1;

	if (!process->running || has_ended(process))
		return TAKT_ABSENT;
	errno = ENOSYS;
#ifdef SYS_pidfd_send_signal
	if (process->descriptor >= 0)
		result = (int)syscall(SYS_pidfd_send_signal, process->descriptor, number, NULL, 0);
#endif
	/* Safe without a descriptor as well: the number stays its own until reap has taken its end. */
	if (result != 0 && errno == ENOSYS)
		result = kill((pid_t)process->id, number);
	if (result == 0)
		return TAKT_OK;
	return errno == ESRCH ? TAKT_ABSENT : TAKT_DENIED;
}

enum takt_status takt_os_process_reap(struct takt_os_process *process, struct takt_os_end *end)
{
	int how = 0;
	pid_t id;

	if (!process->running)
		return TAKT_EMPTY;
	do
		id = waitpid((pid_t)process->id, &how, WNOHANG);
	while (id < 0 && errno == EINTR);
	if (id == 0)
		return TAKT_EMPTY;
	process->running = 0;
	if (id < 0) {
		/* This program has SIGCHLD ignored or waited itself: it has ended, and nobody knows how. */
		*end = (struct takt_os_end){0, -1};
		return TAKT_OK;
	}
	end->signalled = WIFSIGNALED(how);
	end->code = WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how);
	return TAKT_OK;
}

void takt_os_process_close(struct takt_os_process *process)
{
	if (process->id == 0)
		return; /* never started: its descriptors are zeroes, not descriptors */
	takt_port_close(&process->descriptor);
	takt_port_close(&process->output);
	takt_port_close(&process->commands);
}

const char *takt_os_signal_name(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"}, {SIGILL, "SIGILL"},
		{SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},	  {SIGFPE, "SIGFPE"},
		{SIGKILL, "SIGKILL"}, {SIGUSR1, "SIGUSR1"}, {SIGSEGV, "SIGSEGV"}, {SIGUSR2, "SIGUSR2"},
		{SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"}, {SIGXCPU, "SIGXCPU"},
		{SIGXFSZ, "SIGXFSZ"}, {SIGSYS, "SIGSYS"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == number)
			return names[i].name;
	return "signal";
}

enum takt_status takt_os_program_folder(char *path, uint32_t bytes)
{
	char program[TAKT_OS_PATH_MAX];
	char *slash;

	takt_port_program(program, sizeof(program));
	slash = strrchr(program, '/');
	if (slash == NULL)
		return TAKT_SYSTEM;
	if (strlen(program) == sizeof(program) - 1)
		return TAKT_LIMIT;
	/* "/program" lies in "/", whose slash is the whole name. */
	slash[slash == program ? 1 : 0] = '\0';
	if (strlen(program) >= bytes)
		return TAKT_LIMIT;
	(void)snprintf(path, bytes, "%s", program);
	return TAKT_OK;
}
