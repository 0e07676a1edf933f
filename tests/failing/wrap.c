/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system's functions as takt sees them: each asks the plan first. Linked with --wrap for every `wrap` and `carrier` line of
 * functions.txt, so a function without a wrapper here does not link. A call that fails has done nothing, but for those that release
 * something: their failure says only that the system is unhappy about it, as with a real close.
 */
#include <cyaml/cyaml.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

#include "tests/failing/plan.h"

/* Both are declared here: they exist for the linker only. */
#define DECLARE(type, symbol, parameters)                                                                              \
	type __real_##symbol parameters;                                                                               \
	type __wrap_##symbol parameters

/* Returns -1 (MAP_FAILED for a pointer) and sets errno. */
#define WRAP(type, symbol, parameters, arguments)                                                                      \
	DECLARE(type, symbol, parameters);                                                                             \
	type __wrap_##symbol parameters                                                                                \
	{                                                                                                              \
		const int error = plan_next(FN_##symbol);                                                              \
		if (error == 0)                                                                                        \
			return __real_##symbol arguments;                                                              \
		errno = error;                                                                                         \
		return (type)-1;                                                                                       \
	}

/* Returns NULL, or 0, and sets errno. */
#define WRAP_NULL(type, symbol, parameters, arguments)                                                                 \
	DECLARE(type, symbol, parameters);                                                                             \
	type __wrap_##symbol parameters                                                                                \
	{                                                                                                              \
		const int error = plan_next(FN_##symbol);                                                              \
		if (error == 0)                                                                                        \
			return __real_##symbol arguments;                                                              \
		errno = error;                                                                                         \
		return 0;                                                                                              \
	}

/* Returns the error. */
#define WRAP_NUMBER(symbol, parameters, arguments)                                                                     \
	DECLARE(int, symbol, parameters);                                                                              \
	int __wrap_##symbol parameters                                                                                 \
	{                                                                                                              \
		const int error = plan_next(FN_##symbol);                                                              \
		return error ? error : __real_##symbol arguments;                                                      \
	}

/* Does its work and says that it failed. */
#define WRAP_RELEASE(symbol, parameters, arguments)                                                                    \
	DECLARE(int, symbol, parameters);                                                                              \
	int __wrap_##symbol parameters                                                                                 \
	{                                                                                                              \
		const int error = plan_next(FN_##symbol);                                                              \
		const int result = __real_##symbol arguments;                                                          \
		if (error == 0)                                                                                        \
			return result;                                                                                 \
		errno = error;                                                                                         \
		return -1;                                                                                             \
	}

/* -------------------------------------------------------------------------------------------- files and names */

WRAP(int, fstat64, (int descriptor, struct stat *found), (descriptor, found))
WRAP(int, fstatat64, (int folder, const char *path, struct stat *found, int flags), (folder, path, found, flags))
WRAP(int, stat64, (const char *path, struct stat *found), (path, found))
WRAP(int, fchmod, (int descriptor, mode_t mode), (descriptor, mode))
WRAP(int, chmod, (const char *path, mode_t mode), (path, mode))
WRAP(int, fchown, (int descriptor, uid_t owner, gid_t group), (descriptor, owner, group))
WRAP(int, linkat, (int from, const char *old, int to, const char *path, int flags), (from, old, to, path, flags))
WRAP(int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
WRAP(int, mkfifoat, (int folder, const char *path, mode_t mode), (folder, path, mode))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
WRAP(int, unlink, (const char *path), (path))
WRAP(int, rename, (const char *from, const char *to), (from, to))
WRAP(ssize_t, readlink, (const char *path, char *buffer, size_t bytes), (path, buffer, bytes))
WRAP_NULL(char *, realpath, (const char *path, char *resolved), (path, resolved))
WRAP(int, access, (const char *path, int mode), (path, mode))
WRAP_NULL(FILE *, fdopen, (int descriptor, const char *mode), (descriptor, mode))
WRAP_NULL(DIR *, fdopendir, (int descriptor), (descriptor))
WRAP_NULL(struct dirent *, readdir64, (DIR * list), (list))
WRAP_RELEASE(closedir, (DIR * list), (list))
WRAP(int, scandir64,
     (const char *path, struct dirent ***list, int (*filter)(const struct dirent *),
      int (*compare)(const struct dirent **, const struct dirent **)),
     (path, list, filter, compare))
WRAP(int, fstatvfs64, (int descriptor, struct statvfs *found), (descriptor, found))
WRAP(int, fsync, (int descriptor), (descriptor))
WRAP(ssize_t, read, (int descriptor, void *buffer, size_t bytes), (descriptor, buffer, bytes))
WRAP(ssize_t, write, (int descriptor, const void *buffer, size_t bytes), (descriptor, buffer, bytes))
WRAP_RELEASE(close, (int descriptor), (descriptor))
WRAP_NULL(int, isatty, (int descriptor), (descriptor))
WRAP(int, dup2, (int old, int new), (old, new))
WRAP(int, pipe2, (int ends[2], int flags), (ends, flags))
WRAP(int, eventfd, (unsigned first, int flags), (first, flags))
WRAP(int, timerfd_create, (int clock, int flags), (clock, flags))
WRAP(int, ppoll, (struct pollfd * list, nfds_t count, const struct timespec *span, const sigset_t *mask),
     (list, count, span, mask))
WRAP(int, socket, (int family, int type, int protocol), (family, type, protocol))
WRAP(int, socketpair, (int family, int type, int protocol, int ends[2]), (family, type, protocol, ends))
WRAP(int, setsockopt, (int descriptor, int level, int option, const void *value, socklen_t bytes),
     (descriptor, level, option, value, bytes))
WRAP(int, getsockopt, (int descriptor, int level, int option, void *value, socklen_t *bytes),
     (descriptor, level, option, value, bytes))
WRAP(int, bind, (int descriptor, const struct sockaddr *address, socklen_t bytes), (descriptor, address, bytes))
WRAP(int, connect, (int descriptor, const struct sockaddr *address, socklen_t bytes), (descriptor, address, bytes))
WRAP(ssize_t, sendmsg, (int descriptor, const struct msghdr *header, int flags), (descriptor, header, flags))
WRAP(ssize_t, recvmsg, (int descriptor, struct msghdr *header, int flags), (descriptor, header, flags))
WRAP(ssize_t, send, (int descriptor, const void *bytes, size_t count, int flags), (descriptor, bytes, count, flags))
WRAP(int, fchownat, (int folder, const char *path, uid_t owner, gid_t group, int flags),
     (folder, path, owner, group, flags))

DECLARE(int, open64, (const char *path, int flags, ...));
int __wrap_open64(const char *path, int flags, ...)
{
	const int error = plan_next(FN_open64);
	va_list more;

	va_start(more, flags);
	const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(more, mode_t) : 0;
	va_end(more);
	if (error == 0)
		return __real_open64(path, flags, mode);
	errno = error;
	return -1;
}

DECLARE(int, openat64, (int folder, const char *path, int flags, ...));
int __wrap_openat64(int folder, const char *path, int flags, ...)
{
	const int error = plan_next(FN_openat64);
	va_list more;

	va_start(more, flags);
	const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(more, mode_t) : 0;
	va_end(more);
	if (error == 0)
		return __real_openat64(folder, path, flags, mode);
	errno = error;
	return -1;
}

/* Every argument is a word, as the C library itself has it. */
DECLARE(int, fcntl64, (int descriptor, int command, ...));
int __wrap_fcntl64(int descriptor, int command, ...)
{
	va_list more;

	va_start(more, command);
	void *argument = va_arg(more, void *);
	va_end(more);
	const int error = plan_next(command == F_OFD_SETLK	 ? FN_fcntl_lock
				    : command == F_OFD_GETLK	 ? FN_fcntl_ask
				    : command == F_DUPFD_CLOEXEC ? FN_fcntl_dup
								 : FN_fcntl_flags);
	if (error == 0)
		return __real_fcntl64(descriptor, command, argument);
	errno = error;
	return -1;
}

DECLARE(int, ioctl, (int descriptor, unsigned long request, ...));
int __wrap_ioctl(int descriptor, unsigned long request, ...)
{
	const int error = plan_next(FN_ioctl);
	va_list more;

	va_start(more, request);
	void *argument = va_arg(more, void *);
	va_end(more);
	if (error == 0)
		return __real_ioctl(descriptor, request, argument);
	errno = error;
	return -1;
}

/* ----------------------------------------------------------------------------------------------------- memory */

WRAP_NUMBER(posix_fallocate64, (int descriptor, off_t offset, off_t bytes), (descriptor, offset, bytes))
WRAP(void *, mmap64, (void *address, size_t bytes, int protection, int flags, int descriptor, off_t offset),
     (address, bytes, protection, flags, descriptor, offset))
WRAP_RELEASE(munmap, (void *address, size_t bytes), (address, bytes))
WRAP(int, madvise, (void *address, size_t bytes, int advice), (address, bytes, advice))
WRAP(int, mlock, (const void *address, size_t bytes), (address, bytes))
WRAP(int, mlockall, (int flags), (flags))
WRAP_NULL(void *, malloc, (size_t bytes), (bytes))
WRAP_NULL(void *, calloc, (size_t count, size_t bytes), (count, bytes))

/* ------------------------------------------------------------------------------- threads, processes, scheduling */

WRAP_NUMBER(pthread_create,
	    (pthread_t * handle, const pthread_attr_t *attributes, void *(*run)(void *argument), void *argument),
	    (handle, attributes, run, argument))
WRAP_NUMBER(pthread_attr_init, (pthread_attr_t * attributes), (attributes))
WRAP_NUMBER(pthread_attr_setstacksize, (pthread_attr_t * attributes, size_t bytes), (attributes, bytes))
WRAP_NUMBER(pthread_attr_setinheritsched, (pthread_attr_t * attributes, int inherit), (attributes, inherit))
WRAP_NUMBER(pthread_attr_setschedpolicy, (pthread_attr_t * attributes, int policy), (attributes, policy))
WRAP_NUMBER(pthread_attr_setschedparam, (pthread_attr_t * attributes, const struct sched_param *parameter),
	    (attributes, parameter))
WRAP_NUMBER(pthread_attr_destroy, (pthread_attr_t * attributes), (attributes))
WRAP_NUMBER(pthread_sigmask, (int how, const sigset_t *set, sigset_t *old), (how, set, old))
WRAP_NUMBER(pthread_setschedparam, (pthread_t thread, int policy, const struct sched_param *parameter),
	    (thread, policy, parameter))
WRAP_NUMBER(pthread_atfork, (void (*prepare)(void), void (*parent)(void), void (*child)(void)),
	    (prepare, parent, child))
WRAP(int, sched_setaffinity, (pid_t id, size_t bytes, const cpu_set_t *cpus), (id, bytes, cpus))
WRAP(int, sched_getaffinity, (pid_t id, size_t bytes, cpu_set_t *cpus), (id, bytes, cpus))
WRAP(int, getrlimit64, (__rlimit_resource_t which, struct rlimit *limit), (which, limit))
WRAP(int, setrlimit64, (__rlimit_resource_t which, const struct rlimit *limit), (which, limit))
WRAP(int, sigaction, (int number, const struct sigaction *action, struct sigaction *old), (number, action, old))
WRAP(int, sigprocmask, (int how, const sigset_t *set, sigset_t *old), (how, set, old))
WRAP(int, setpgid, (pid_t id, pid_t group), (id, group))
WRAP(int, execvpe, (const char *file, char *const arguments[], char *const environment[]),
     (file, arguments, environment))
WRAP(int, kill, (pid_t id, int number), (id, number))
WRAP(ssize_t, getrandom, (void *buffer, size_t bytes, unsigned flags), (buffer, bytes, flags))
WRAP_NUMBER(getpwnam_r, (const char *name, struct passwd *entry, char *text, size_t bytes, struct passwd **found),
	    (name, entry, text, bytes, found))
WRAP_NUMBER(getgrnam_r, (const char *name, struct group *entry, char *text, size_t bytes, struct group **found),
	    (name, entry, text, bytes, found))
WRAP_NUMBER(clock_nanosleep, (clockid_t clock, int flags, const struct timespec *until, struct timespec *rest),
	    (clock, flags, until, rest))
WRAP_NULL(int, yaml_parser_initialize, (yaml_parser_t * parser), (parser))

DECLARE(pid_t, waitpid, (pid_t id, int *how, int options));

/* ECHILD: it has ended, and somebody else has taken its end. So it does, and it is taken. */
static void end_for_good(pid_t id)
{
	(void)__real_kill(id, SIGKILL);
	(void)__real_waitpid(id, NULL, 0);
}

pid_t __wrap_waitpid(pid_t id, int *how, int options)
{
	const int error = plan_next(FN_waitpid);

	if (error == 0)
		return __real_waitpid(id, how, options);
	if (error == ECHILD)
		end_for_good(id);
	errno = error;
	return -1;
}

DECLARE(int, waitid, (idtype_t type, id_t id, siginfo_t *info, int options));
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	const int error = plan_next(FN_waitid);

	if (error == 0)
		return __real_waitid(type, id, info, options);
	if (error == ECHILD)
		end_for_good((pid_t)id);
	errno = error;
	return -1;
}

DECLARE(pid_t, fork, (void));
pid_t __wrap_fork(void)
{
	const int error = plan_next(FN_fork);

	if (error) {
		errno = error;
		return -1;
	}
	const pid_t id = __real_fork();
	if (id == 0)
		plan_become(ROLE_CHILD);
	return id;
}

DECLARE(int, prctl, (int option, ...));
int __wrap_prctl(int option, ...)
{
	const int error = plan_next(FN_prctl);
	va_list more;

	va_start(more, option);
	const unsigned long argument = va_arg(more, unsigned long);
	va_end(more);
	if (error == 0)
		return __real_prctl(option, argument, 0, 0, 0);
	errno = error;
	return -1;
}

DECLARE(cyaml_err_t, cyaml_load_data,
	(const uint8_t *text, size_t bytes, const cyaml_config_t *config, const cyaml_schema_value_t *schema,
	 cyaml_data_t **data, unsigned *count));
cyaml_err_t __wrap_cyaml_load_data(const uint8_t *text, size_t bytes, const cyaml_config_t *config,
				   const cyaml_schema_value_t *schema, cyaml_data_t **data, unsigned *count)
{
	if (plan_next(FN_cyaml_load_data))
		return CYAML_ERR_OOM;
	return __real_cyaml_load_data(text, bytes, config, schema, data, count);
}

static enum function function_of(long number, int operation)
{
	switch (number) {
	case SYS_futex:
		return (operation & FUTEX_CMD_MASK) == FUTEX_WAKE ? FN_futex_wake : FN_futex_wait;
	case SYS_renameat2:
		return FN_renameat2;
	case SYS_pidfd_open:
		return FN_pidfd_open;
	case SYS_pidfd_send_signal:
		return FN_pidfd_send_signal;
	default:
		return FUNCTION_COUNT; /* gettid: cannot fail */
	}
}

DECLARE(long, syscall, (long number, ...));
long __wrap_syscall(long number, ...)
{
	long words[6];
	va_list more;

	va_start(more, number);
	for (int i = 0; i < 6; i++)
		words[i] = va_arg(more, long);
	va_end(more);
	const enum function function = function_of(number, (int)words[1]);
	const int error = function == FUNCTION_COUNT ? 0 : plan_next(function);
	if (error == 0)
		return __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
	/* It has ended, whoever ended it. */
	if (function == FN_pidfd_send_signal && error == ESRCH)
		(void)__real_syscall(SYS_pidfd_send_signal, words[0], (long)SIGKILL, 0L, 0L, 0L, 0L);
	errno = error;
	return -1;
}
