/* SPDX-License-Identifier: Apache-2.0 */
/* Through mappings and other processes. */
#include "tests/rights/doors.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS_TRIED 32

static int done(long result)
{
	return result < 0 ? errno : 0;
}

/* --------------------------------------------------------------------------------------------------- mappings */

static int map_to_write(const struct target *target)
{
	void *address = mmap(NULL, (size_t)target->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, target->descriptor, 0);

	return address == MAP_FAILED ? errno : 0;
}

static int make_writable(const struct target *target)
{
	return done(mprotect(target->address, (size_t)target->bytes, PROT_READ | PROT_WRITE));
}

static int map_then_make_writable(const struct target *target)
{
	void *address = mmap(NULL, (size_t)target->bytes, PROT_NONE, MAP_SHARED, target->descriptor, 0);
	int result;

	if (address == MAP_FAILED)
		return errno;
	result = done(mprotect(address, (size_t)target->bytes, PROT_WRITE));
	(void)munmap(address, (size_t)target->bytes);
	return result;
}

/* A duplicate of the mapping has its rights. */
static int duplicate_mapping(const struct target *target)
{
	void *address = mremap(target->address, 0, (size_t)target->bytes, MREMAP_MAYMOVE);
	int result;

	if (address == MAP_FAILED)
		return errno;
	result = done(mprotect(address, (size_t)target->bytes, PROT_READ | PROT_WRITE));
	(void)munmap(address, (size_t)target->bytes);
	return result;
}

static int remap_pages(const struct target *target)
{
	void *address = mmap(NULL, (size_t)target->bytes, PROT_READ, MAP_SHARED, target->descriptor, 0);
	int result;

	if (address == MAP_FAILED)
		return errno;
	if (syscall(SYS_remap_file_pages, address, (size_t)sysconf(_SC_PAGESIZE), 0, 1, 0) != 0)
		result = errno == ENOSYS ? DOOR_ABSENT : errno;
	else
		result = done(mprotect(address, (size_t)target->bytes, PROT_READ | PROT_WRITE));
	(void)munmap(address, (size_t)target->bytes);
	return result;
}

static int remove_pages(const struct target *target)
{
	void *address = mmap(NULL, (size_t)target->bytes, PROT_READ, MAP_SHARED, target->descriptor, 0);
	int result;

	if (address == MAP_FAILED)
		return errno;
	/* Of locked pages it would be refused for that reason. */
	(void)munlock(address, (size_t)target->bytes);
	result = done(madvise(address, (size_t)target->bytes, MADV_REMOVE));
	(void)munmap(address, (size_t)target->bytes);
	return result;
}

static int write_own_memory(const struct target *target)
{
	int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	int result;

	if (memory < 0)
		return errno;
	result = done(pwrite(memory, "xxxxxxxx", 8, (off_t)(uintptr_t)target->address));
	(void)close(memory);
	return result;
}

static int write_own_process(const struct target *target)
{
	uint64_t word = UINT64_C(0x7878787878787878);
	const struct iovec from = {&word, sizeof(word)};
	const struct iovec to = {target->address, sizeof(word)};

	return done(syscall(SYS_process_vm_writev, (long)getpid(), &from, 1UL, &to, 1UL, 0UL));
}

/* The kernel as the writer: a read into the mapping. */
static int read_into(const struct target *target)
{
	int zeroes = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int result = zeroes < 0 ? DOOR_ABSENT : done(read(zeroes, target->address, 64));

	(void)close(zeroes);
	return result;
}

/* A debugger may write what its victim may not: into a copy of its own where the mapping is shared. */
static int write_as_debugger(const struct target *target)
{
	int status;
	int result;
	pid_t child = fork();

	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(1);
		(void)raise(SIGSTOP);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return DOOR_ABSENT;
	if (!WIFSTOPPED(status))
		return DOOR_ABSENT;
	result = done(ptrace(PTRACE_POKEDATA, child, target->address, (void *)0x78787878));
	(void)kill(child, SIGKILL);
	(void)waitpid(child, &status, 0);
	return result;
}

/* A store: it must end the process. */
static int store(const struct target *target)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		(void)signal(SIGSEGV, SIG_DFL);
		*(volatile unsigned char *)target->address = 'x';
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return DOOR_ABSENT;
	/* A sanitizer ends the process with a report and a code. */
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EFAULT;
}

const struct door doors_of_memory[] = {
	{"map shared for writing", map_to_write, {EACCES}},
	{"mprotect the library's mapping", make_writable, {EACCES}},
	{"map without rights, then mprotect", map_then_make_writable, {EACCES}},
	{"duplicate the mapping, then mprotect", duplicate_mapping, {EACCES}},
	{"remap_file_pages, then mprotect", remap_pages, {EACCES, EINVAL}},
	{"madvise(MADV_REMOVE)", remove_pages, {EACCES}},
	{"/proc/self/mem", write_own_memory, {EIO, EFAULT, EACCES}},
	{"process_vm_writev into oneself", write_own_process, {EFAULT}},
	{"read into the mapping", read_into, {EFAULT}},
	{"PTRACE_POKEDATA as one's own debugger", write_as_debugger, {EIO, EFAULT}},
	{"a store", store, {EFAULT}},
	{NULL, NULL, {0}},
};

/* -------------------------------------------------------------------------------------------------- processes */

static int attach_to_writer(const struct target *target)
{
	return done(ptrace(PTRACE_ATTACH, target->writer, NULL, NULL));
}

static int seize_writer(const struct target *target)
{
	return done(ptrace(PTRACE_SEIZE, target->writer, NULL, NULL));
}

static int write_into_writer(const struct target *target)
{
	uint64_t word = 1;
	const struct iovec from = {&word, sizeof(word)};
	const struct iovec to = {target->address, sizeof(word)};

	return done(syscall(SYS_process_vm_writev, (long)target->writer, &from, 1UL, &to, 1UL, 0UL));
}

static int open_writers_memory(const struct target *target)
{
	char path[64];
	int memory;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)target->writer);
	memory = open(path, O_RDWR | O_CLOEXEC);
	if (memory < 0)
		return errno;
	(void)close(memory);
	return 0;
}

/* Whichever number it has there. */
static int open_writers_descriptor(const struct target *target)
{
	for (int i = 0; i < DESCRIPTORS_TRIED; i++) {
		char path[64];
		int file;

		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)target->writer, i);
		file = open(path, O_RDWR | O_CLOEXEC);
		if (file >= 0)
			(void)close(file);
		if (file >= 0 || errno != EACCES)
			return file >= 0 ? 0 : errno;
	}
	return EACCES;
}

static int take_writers_descriptor(const struct target *target)
{
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_getfd)
	long process = syscall(SYS_pidfd_open, (long)target->writer, 0L);
	int error = ENOSYS;

	if (process < 0)
		return errno == ENOSYS ? DOOR_ABSENT : errno;
	for (long i = 0; i < DESCRIPTORS_TRIED; i++) {
		error = done(syscall(SYS_pidfd_getfd, process, i, 0L));
		if (error != EPERM)
			break;
	}
	(void)close((int)process);
	return error == ENOSYS ? DOOR_ABSENT : error;
#else
	(void)target;
	return DOOR_ABSENT;
#endif
}

static int stop_writer(const struct target *target)
{
	return done(kill(target->writer, SIGSTOP));
}

static int limit_writer(const struct target *target)
{
	const struct rlimit none = {0, 0};

	return done(prlimit(target->writer, RLIMIT_FSIZE, &none, NULL));
}

static int slow_writer(const struct target *target)
{
	return done(setpriority(PRIO_PROCESS, (id_t)target->writer, 19));
}

static int pin_writer(const struct target *target)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	return done(sched_setaffinity(target->writer, sizeof(cpus), &cpus));
}

const struct door doors_of_processes[] = {
	{"ptrace the publisher", attach_to_writer, {EPERM}},
	{"seize the publisher", seize_writer, {EPERM}},
	{"process_vm_writev into the publisher", write_into_writer, {EPERM}},
	{"the publisher's /proc mem", open_writers_memory, {EACCES}},
	{"the publisher's /proc fd", open_writers_descriptor, {EACCES}},
	{"pidfd_getfd from the publisher", take_writers_descriptor, {EPERM}},
	{"stop the publisher", stop_writer, {EPERM}},
	{"limit the publisher", limit_writer, {EPERM}},
	{"slow the publisher", slow_writer, {EPERM, EACCES}},
	{"pin the publisher", pin_writer, {EPERM}},
	{NULL, NULL, {0}},
};
