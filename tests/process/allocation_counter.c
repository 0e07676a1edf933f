/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library for LD_PRELOAD that counts, in every thread of a program, the calls that allocate, free or map memory while a switch is
 * on. The switch is the first byte of the file `switch` in the folder ALLOCATION_COUNTER_FOLDER: 1 counts. At its end a program leaves
 * one line there, in PROGRAM.PID: "malloc=0 calloc=0 realloc=0 free=0 aligned=0 map=0", and behind it which thread called first and
 * from where, as an offset for addr2line. Source of the __libc names: the GNU C library exports them for allocators like this one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FOLDER_VARIABLE "ALLOCATION_COUNTER_FOLDER"

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *memory, size_t bytes);
extern void __libc_free(void *memory);
extern void *__libc_memalign(size_t alignment, size_t bytes);

enum call { CALL_MALLOC, CALL_CALLOC, CALL_REALLOC, CALL_FREE, CALL_ALIGNED, CALL_MAP, CALL_COUNT };

static const char *const names[CALL_COUNT] = {"malloc", "calloc", "realloc", "free", "aligned", "map"};
static _Atomic uint64_t counts[CALL_COUNT];
static const volatile unsigned char *is_on;

/* The first call that was counted. */
static atomic_flag has_first = ATOMIC_FLAG_INIT;
static const void *first_caller;
static char first_thread[16];

static void count(enum call call, const void *caller)
{
	if (is_on == NULL || *is_on != 1)
		return;
	(void)atomic_fetch_add_explicit(&counts[call], 1, memory_order_relaxed);
	if (atomic_flag_test_and_set(&has_first))
		return;
	first_caller = caller;
	(void)prctl(PR_GET_NAME, first_thread);
}

#define COUNT(call) count(call, __builtin_return_address(0))

void *malloc(size_t bytes)
{
	COUNT(CALL_MALLOC);
	return __libc_malloc(bytes);
}

void *calloc(size_t elements, size_t bytes)
{
	COUNT(CALL_CALLOC);
	return __libc_calloc(elements, bytes);
}

void *realloc(void *memory, size_t bytes)
{
	COUNT(CALL_REALLOC);
	return __libc_realloc(memory, bytes);
}

void free(void *memory)
{
	if (memory != NULL)
		COUNT(CALL_FREE);
	__libc_free(memory);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
	COUNT(CALL_ALIGNED);
	return __libc_memalign(alignment, bytes);
}

void *memalign(size_t alignment, size_t bytes);
void *memalign(size_t alignment, size_t bytes)
{
	COUNT(CALL_ALIGNED);
	return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes)
{
	void *made;

	COUNT(CALL_ALIGNED);
	if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
		return EINVAL;
	made = __libc_memalign(alignment, bytes);
	if (made == NULL)
		return ENOMEM;
	*memory = made;
	return 0;
}

/* Maps that the program makes itself; those of the C library's allocator stand behind a call counted above. */
static void *map(void *address, size_t bytes, int protection, int flags, int descriptor, off_t offset)
{
#ifdef SYS_mmap2
	return (void *)syscall(SYS_mmap2, address, bytes, protection, flags, descriptor, (long)(offset / 4096));
#else
	return (void *)syscall(SYS_mmap, address, bytes, protection, flags, descriptor, (long)offset);
#endif
}

void *mmap(void *address, size_t bytes, int protection, int flags, int descriptor, off_t offset)
{
	COUNT(CALL_MAP);
	return map(address, bytes, protection, flags, descriptor, offset);
}

void *mmap64(void *address, size_t bytes, int protection, int flags, int descriptor, off64_t offset)
{
	COUNT(CALL_MAP);
	return map(address, bytes, protection, flags, descriptor, (off_t)offset);
}

int munmap(void *address, size_t bytes)
{
	COUNT(CALL_MAP);
	return (int)syscall(SYS_munmap, address, bytes);
}

static int open_in_folder(const char *name, int flags)
{
	const char *folder = getenv(FOLDER_VARIABLE);
	char path[512];

	if (folder == NULL || snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return -1;
	return open(path, flags | O_CLOEXEC, 0600);
}

static __attribute__((constructor)) void begin(void)
{
	int file = open_in_folder("switch", O_RDONLY);
	void *mapped;

	if (file < 0)
		return;
	mapped = map(NULL, 1, PROT_READ, MAP_SHARED, file, 0);
	if (mapped != MAP_FAILED)
		is_on = mapped;
	(void)close(file);
}

static int describe_first(char *text, size_t bytes)
{
	Dl_info where;

	if (first_caller == NULL)
		return snprintf(text, bytes, "\n");
	if (dladdr(first_caller, &where) == 0 || where.dli_fname == NULL)
		return snprintf(text, bytes, " first=%s %p\n", first_thread, first_caller);
	return snprintf(text, bytes, " first=%s %s+0x%zx\n", first_thread, where.dli_fname,
			(size_t)((const char *)first_caller - (const char *)where.dli_fbase));
}

static __attribute__((destructor)) void end(void)
{
	char name[64];
	char text[1024];
	size_t used = 0;
	int file;

	if (is_on == NULL)
		return;
	is_on = NULL;
	for (int i = 0; i < CALL_COUNT; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=%llu", i ? " " : "", names[i],
					 (unsigned long long)atomic_load(&counts[i]));
	used += (size_t)describe_first(text + used, sizeof(text) - used);
	if (used > sizeof(text))
		used = sizeof(text);
	(void)snprintf(name, sizeof(name), "%.32s.%ld", program_invocation_short_name, (long)getpid());
	file = open_in_folder(name, O_WRONLY | O_CREAT | O_TRUNC);
	if (file >= 0 && write(file, text, used) == (ssize_t)used)
		(void)close(file);
}
