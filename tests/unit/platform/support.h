/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the platform's contract tests share: a folder of their own, the messages that were emitted, children, and a system that
 * refuses one call (by seccomp, so that the tested code is the code that runs in the field).
 * Include it first: it brings the feature macros and cmocka.
 */
#ifndef TAKT_TEST_PLATFORM_SUPPORT_H
#define TAKT_TEST_PLATFORM_SUPPORT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/folder.h"
#include "platform/message.h"
#include "platform/status.h"

#define SOMEBODY_ELSE	65534u /* nobody: a user and a group that own nothing here */
#define KILLED_BY(code) (1000 + (code))
#define CANNOT_REFUSE	77 /* this kernel (or emulator) has no seccomp filters */

/* Far enough to mean "never" in a test that passes, near enough that a failing one ends. */
#define LONG_NS	 (60 * TAKT_NS_PER_S)
#define SHORT_NS (20 * TAKT_NS_PER_MS)

/* mmap's number: 32-bit machines count in pages. */
#if defined(SYS_mmap2)
#define MAP_CALL SYS_mmap2
#else
#define MAP_CALL SYS_mmap
#endif

/* Under user-mode emulation (tests/emulated) what a test looks at may be the emulator's and not takt's: `what` says so. */
static inline void need_a_real_kernel(const char *what)
{
	if (getenv("TAKT_EMULATED") == NULL)
		return;
	print_message("skipped: %s\n", what);
	skip();
}

/* qemu-arm's mremap says 0 and leaves what was there, so memory that a peer cut off stays cut off (qemu 7.2; qemu-aarch64 does it). */
static inline void need_a_working_mremap(void)
{
	if (sizeof(void *) == 4)
		need_a_real_kernel("the 32-bit emulator's mremap does not replace a mapping");
}

static const struct takt_os_rights private_rights = {TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, 0600};

/* --- messages --- */

static struct {
	unsigned count;
	char last[TAKT_MESSAGE_BYTES_MAX];
} messages;

static inline void keep_message(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	messages.count++;
	(void)snprintf(messages.last, sizeof(messages.last), "%s", text);
}

static inline void forget_messages(void)
{
	memset(&messages, 0, sizeof(messages));
}

static inline void assert_message_has(const char *part)
{
	if (strstr(messages.last, part) == NULL)
		fail_msg("the message \"%s\" does not have \"%s\"", messages.last, part);
}

/* --- a folder of the test's own, which TAKT_SHM_FOLDER names --- */

static char scratch[64];

static inline int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline int scratch_set_up(void **state)
{
	(void)state;
	(void)snprintf(scratch, sizeof(scratch), "/dev/shm/takt-test-XXXXXX");
	/* Like /dev/shm itself: everybody may make things there, and remove only his own. */
	if (mkdtemp(scratch) == NULL || chmod(scratch, 01777) != 0)
		return -1;
	(void)setenv("TAKT_SHM_FOLDER", scratch, 1);
	forget_messages();
	takt_message_handler_set(keep_message, NULL);
	return 0;
}

static inline int scratch_tear_down(void **state)
{
	(void)state;
	takt_message_handler_set(NULL, NULL);
	while (umount2(scratch, MNT_DETACH) == 0)
		;
	return nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int scratch_open(void)
{
	int folder = -1;

	assert_int_equal(takt_os_folder_open_root(&folder), TAKT_OK);
	return folder;
}

static inline void count_entry(void *context, const struct takt_os_entry *entry)
{
	(void)entry;
	(*(unsigned *)context)++;
}

static inline unsigned entry_count(int folder)
{
	unsigned count = 0;

	assert_int_equal(takt_os_folder_each(folder, count_entry, &count), TAKT_OK);
	return count;
}

static inline void scratch_path(char path[128], const char *name)
{
	(void)snprintf(path, 128, "%s/%s", scratch, name);
}

/* Makes the scratch folder a file system of `bytes`. 0 where this is not permitted. */
static inline int scratch_is_small(unsigned bytes)
{
	char options[64];

	(void)snprintf(options, sizeof(options), "size=%u,mode=1777", bytes);
	return mount("takt-test", scratch, "tmpfs", 0, options) == 0;
}

static inline void need_root(void)
{
	if (geteuid() != 0) {
		print_message("skipped: only root can make objects of other users\n");
		skip();
	}
}

/* --- children --- */

/* Waits for a child's end: its result (0 to 255), KILLED_BY(signal), or -1. */
static inline int result_of_child(pid_t child)
{
	int how = 0;

	while (waitpid(child, &how, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFSIGNALED(how) ? KILLED_BY(WTERMSIG(how)) : WEXITSTATUS(how);
}

/* Starts `body` in a child; it asserts by its result, never by cmocka. */
static inline pid_t start_child(int (*body)(void *argument), void *argument)
{
	const pid_t child = fork();

	if (child == 0)
		_exit(body(argument));
	assert_true(child > 0);
	return child;
}

/* Both. */
static inline int in_child(int (*body)(void *argument), void *argument)
{
	return result_of_child(start_child(body, argument));
}

/* Becomes somebody else for good; for children. */
static inline int become_somebody_else(void)
{
	return setgroups(0, NULL) == 0 && setresgid(SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE) == 0 &&
	       setresuid(SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE) == 0;
}

/* Memory that children share with the test. */
static inline void *shared_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(memory != MAP_FAILED);
	return memory;
}

/* Waits until another process has raised the flag, by giving it the CPU. 0 after LONG_NS. */
static inline int wait_for_flag(_Atomic int *flag, int value)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + LONG_NS;

	while (atomic_load(flag) < value) {
		if (takt_os_clock_now_ns() > end_ns)
			return 0;
		(void)sched_yield();
	}
	return 1;
}

/* Waits until a thread of this process sleeps in the kernel. 0 after LONG_NS. */
static inline int wait_until_asleep(pid_t thread)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + LONG_NS;
	char path[64];
	char text[256];

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)thread);
	while (takt_os_clock_now_ns() < end_ns) {
		const int file = open(path, O_RDONLY | O_CLOEXEC);
		const ssize_t got = file >= 0 ? read(file, text, sizeof(text) - 1) : -1;

		if (file >= 0)
			(void)close(file);
		text[got > 0 ? got : 0] = '\0';
		/* "number (name) state": the name may have anything in it but is the last with a bracket. */
		if (strrchr(text, ')') != NULL && strncmp(strrchr(text, ')'), ") S", 3) == 0)
			return 1;
		(void)sched_yield();
	}
	return 0;
}

/* --- a system that refuses --- */

#define WHATEVER_ARGUMENT (-1)

/* fcntl as a 32-bit system with wide offsets calls it. */
#ifdef SYS_fcntl64
#define FCNTL_CALL SYS_fcntl64
#else
#define FCNTL_CALL SYS_fcntl
#endif

/* From now on, in this process, system call `number` does `action` (SECCOMP_RET_ERRNO | an errno, or SECCOMP_RET_KILL_PROCESS)
 * when all of `bits` are set in its argument `which`. 0 where the kernel has no filters. For children: there is no way back. */
static inline int refuse_call(long number, int which, uint32_t bits, uint32_t action)
{
	const uint32_t offset = which == WHATEVER_ARGUMENT
					? (uint32_t)offsetof(struct seccomp_data, nr)
					: (uint32_t)(offsetof(struct seccomp_data, args) + 8 * (unsigned)which);
	const uint32_t wanted = which == WHATEVER_ARGUMENT ? (uint32_t)number : bits;
	const uint32_t mask = which == WHATEVER_ARGUMENT ? UINT32_MAX : bits;
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, wanted, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static inline uint32_t with_error(int error)
{
	return SECCOMP_RET_ERRNO | (uint32_t)error;
}

/* Skips the test where the child could not set up its refusal; else gives the child's result back. */
static inline int unless_unable(int result)
{
	if (result == CANNOT_REFUSE) {
		print_message("skipped: no seccomp filters here\n");
		skip();
	}
	return result;
}

#ifdef __SANITIZE_ADDRESS__
#define UNDER_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ADDRESS_SANITIZER 1
#endif
#endif
#ifndef UNDER_ADDRESS_SANITIZER
#define UNDER_ADDRESS_SANITIZER 0
#endif

#endif
