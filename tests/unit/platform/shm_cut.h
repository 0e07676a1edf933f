/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_shm.c: objects that a peer shrinks or punches while they are mapped. */
#ifndef TAKT_TEST_PLATFORM_SHM_CUT_H
#define TAKT_TEST_PLATFORM_SHM_CUT_H

#include <pthread.h>
#include <setjmp.h>
#include <sys/resource.h>

#define KEPT_PAGES  20u
#define CUT_THREADS 4u

/* The first byte of each word, in either byte order. */
static unsigned char cut_byte(void)
{
	const uint64_t word = TAKT_OS_SHM_CUT_WORD;
	unsigned char first;

	memcpy(&first, &word, 1);
	return first;
}

static void open_object(struct takt_os_shm *shm, enum takt_os_access access)
{
	assert_int_equal(takt_os_shm_open(shm, folder, "object", access, &private_rights, OBJECT_BYTES), TAKT_OK);
}

static int shrink(const char *name, off_t bytes)
{
	const int file = openat(folder, name, O_RDWR | O_CLOEXEC);
	const int result = file >= 0 ? ftruncate(file, bytes) : -1;

	(void)close(file);
	return result;
}

static unsigned char byte_of(const struct takt_os_shm *shm, unsigned page)
{
	return ((const volatile unsigned char *)shm->address)[page * PAGE_BYTES + 8];
}

static void what_was_cut_off_is_marked_and_kills_nobody(void **state)
{
	struct takt_os_shm shm = {0};
	struct takt_os_shm other = {0};

	(void)state;
	need_a_working_mremap();
	assert_int_equal(make("object", 0600), TAKT_OK);
	open_object(&shm, TAKT_OS_READ_ONLY);
	open_object(&other, TAKT_OS_READ_ONLY);
	assert_int_equal(shrink("object", KEPT_PAGES * PAGE_BYTES), 0);
	assert_int_equal(byte_of(&shm, KEPT_PAGES - 1), 0);
	assert_int_equal(takt_os_shm_is_cut(&shm), 0);
	assert_int_equal(byte_of(&shm, KEPT_PAGES), cut_byte());
	assert_int_equal(takt_os_shm_is_cut(&shm), 1);
	for (unsigned page = 0; page < OBJECT_BYTES / PAGE_BYTES; page++) {
		const int is_marked = page < TAKT_OS_SHM_HEAD_BYTES / PAGE_BYTES || page >= KEPT_PAGES;

		assert_int_equal(byte_of(&shm, page), is_marked ? cut_byte() : 0);
	}
	/* Whoever has not met it knows nothing of it, and its memory is what it was. */
	assert_int_equal(takt_os_shm_is_cut(&other), 0);
	assert_int_equal(byte_of(&other, 0), 0);
	takt_os_shm_close(&other);
	takt_os_shm_close(&shm);
	assert_int_equal(takt_os_shm_is_cut(&shm), 0);
	assert_int_equal(takt_os_folder_remove(folder, "object"), TAKT_OK);
	assert_int_equal(make("object", 0600), TAKT_OK);
	open_object(&shm, TAKT_OS_READ_ONLY);
	assert_int_equal(takt_os_shm_is_cut(&shm), 0);
	takt_os_shm_close(&shm);
}

static void an_object_cut_to_nothing_can_be_read_and_written_on(void **state)
{
	struct takt_os_shm shm = {0};
	struct stat found;

	(void)state;
	need_a_working_mremap();
	assert_int_equal(make("object", 0600), TAKT_OK);
	open_object(&shm, TAKT_OS_READ_WRITE);
	assert_int_equal(shrink("object", 0), 0);
	volatile unsigned char *bytes = shm.address;
	for (unsigned page = 0; page < OBJECT_BYTES / PAGE_BYTES; page++) {
		bytes[page * PAGE_BYTES + 3] = (unsigned char)page;
		assert_int_equal(bytes[page * PAGE_BYTES + 3], (unsigned char)page);
		assert_int_equal(bytes[page * PAGE_BYTES + 8], cut_byte());
	}
	assert_int_equal(takt_os_shm_is_cut(&shm), 1);
	/* The file is not touched, nor what it grows again. */
	found = stat_of("object");
	assert_int_equal(found.st_size, 0);
	assert_int_equal(shrink("object", OBJECT_BYTES), 0);
	assert_int_equal(bytes[3 + PAGE_BYTES], 1);
	takt_os_shm_close(&shm);
}

static void a_punched_hole_reads_as_zeros(void **state)
{
	struct takt_os_shm shm = {0};

	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	open_object(&shm, TAKT_OS_READ_ONLY);
	const int file = openat(folder, "object", O_RDWR | O_CLOEXEC);
	assert_int_equal(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, OBJECT_BYTES), 0);
	(void)close(file);
	for (unsigned page = 0; page < OBJECT_BYTES / PAGE_BYTES; page++)
		assert_int_equal(byte_of(&shm, page), 0);
	assert_int_equal(takt_os_shm_is_cut(&shm), 0);
	takt_os_shm_close(&shm);
}

static void *read_all_pages(void *argument)
{
	uintptr_t wrong = 0;

	for (unsigned page = 0; page < OBJECT_BYTES / PAGE_BYTES; page++)
		wrong += byte_of(argument, page) != cut_byte();
	return (void *)wrong; /* NOLINT(performance-no-int-to-ptr) */
}

static void threads_that_meet_it_at_once_all_go_on(void **state)
{
	(void)state;
	need_a_working_mremap();
	for (unsigned round = 0; round < 50; round++) {
		struct takt_os_shm shm = {0};
		pthread_t threads[CUT_THREADS];
		void *wrong;

		assert_int_equal(make("object", 0600), TAKT_OK);
		open_object(&shm, TAKT_OS_READ_WRITE);
		assert_int_equal(shrink("object", 0), 0);
		for (unsigned i = 0; i < CUT_THREADS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, read_all_pages, &shm), 0);
		for (unsigned i = 0; i < CUT_THREADS; i++) {
			assert_int_equal(pthread_join(threads[i], &wrong), 0);
			assert_null(wrong);
		}
		takt_os_shm_close(&shm);
		assert_int_equal(takt_os_folder_remove(folder, "object"), TAKT_OK);
	}
}

static int read_what_was_cut_off(void *argument)
{
	return byte_of(argument, 40) == cut_byte() && takt_os_shm_is_cut(argument) ? 0 : 1;
}

static void a_forked_child_survives_it_too(void **state)
{
	struct takt_os_shm shm = {0};

	(void)state;
	need_a_working_mremap();
	assert_int_equal(make("object", 0600), TAKT_OK);
	open_object(&shm, TAKT_OS_READ_ONLY);
	assert_int_equal(shrink("object", 0), 0);
	assert_int_equal(in_child(read_what_was_cut_off, &shm), 0);
	assert_int_equal(takt_os_shm_is_cut(&shm), 0);
	takt_os_shm_close(&shm);
}

/* --- whose signal it is --- */

static sigjmp_buf back;
static volatile sig_atomic_t own_signals;

static void own_handler(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	own_signals++;
	siglongjmp(back, 1);
}

enum before { BEFORE_HANDLER, BEFORE_DEFAULT, BEFORE_IGNORED };
struct signal_case {
	enum before before;
	int is_sent; /* by a process, not by an access */
	int expected;
};

/* A program that had its own idea of SIGBUS before takt came; its own memory is cut off. */
static int meet_a_signal_of_ones_own(void *argument)
{
	const struct signal_case *wanted = argument;
	struct sigaction action = {.sa_flags = SA_SIGINFO};
	struct takt_os_shm shm = {0};

	action.sa_sigaction = own_handler;
	if (wanted->before != BEFORE_HANDLER)
		action = (struct sigaction){.sa_handler = wanted->before == BEFORE_DEFAULT ? SIG_DFL : SIG_IGN};
	if (sigaction(SIGBUS, &action, NULL) != 0 ||
	    takt_os_shm_open(&shm, folder, "object", TAKT_OS_READ_ONLY, &private_rights, OBJECT_BYTES) != TAKT_OK)
		return 1;
	const int file = openat(folder, "object", O_RDWR | O_CLOEXEC);
	volatile unsigned char *own = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, file, 0);
	if (own == MAP_FAILED || ftruncate(file, 0) != 0)
		return 2;
	if (sigsetjmp(back, 1) == 0)
		own_signals += wanted->is_sent ? raise(SIGBUS) : own[0];
	if (own_signals != (wanted->before == BEFORE_HANDLER))
		return 3;
	return byte_of(&shm, 3) == cut_byte() && own_signals <= 1 ? 0 : 4;
}

/* A child: what it finds is what it put there itself. */
static void other_signals_go_where_they_went_before(void **state)
{
	static const struct signal_case cases[] = {
		{BEFORE_HANDLER, 0, 0},
		{BEFORE_HANDLER, 1, 0},
		{BEFORE_DEFAULT, 0, KILLED_BY(SIGBUS)},
		{BEFORE_DEFAULT, 1, KILLED_BY(SIGBUS)},
		{BEFORE_IGNORED, 0, KILLED_BY(SIGBUS)},
		{BEFORE_IGNORED, 1, 0},
	};

	(void)state;
	need_a_working_mremap();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct signal_case copy = cases[i];

		assert_int_equal(make("object", 0600), TAKT_OK);
		assert_int_equal(in_child(meet_a_signal_of_ones_own, &copy), cases[i].expected);
		assert_int_equal(takt_os_folder_remove(folder, "object"), TAKT_OK);
	}
}

#define TOO_MANY 2561u

static int open_too_many(void *argument)
{
	const struct rlimit enough = {TOO_MANY + 64, TOO_MANY + 64};
	static struct takt_os_shm all[TOO_MANY];
	enum takt_status status = TAKT_OK;
	unsigned count = 0;

	(void)argument;
	if (setrlimit(RLIMIT_NOFILE, &enough) != 0)
		return CANNOT_REFUSE;
	while (count < TOO_MANY && status == TAKT_OK)
		status = takt_os_shm_open(&all[count++], folder, "object", TAKT_OS_READ_ONLY, &private_rights, 1);
	if (status != TAKT_LIMIT || count != TOO_MANY || strstr(messages.last, "as many as it can guard") == NULL)
		return 1;
	/* Nothing was left behind, and a place that becomes free is found. */
	takt_os_shm_close(&all[7]);
	return takt_os_shm_open(&all[7], folder, "object", TAKT_OS_READ_ONLY, &private_rights, 1) == TAKT_OK ? 0 : 2;
}

static void more_mappings_than_can_be_guarded_are_a_limit(void **state)
{
	(void)state;
	assert_int_equal(make("object", 0600), TAKT_OK);
	assert_int_equal(unless_unable(in_child(open_too_many, NULL)), 0);
}

#define SHM_CUT_TESTS                                                                                                  \
	WITH_FOLDER(other_signals_go_where_they_went_before),                                                          \
		WITH_FOLDER(what_was_cut_off_is_marked_and_kills_nobody),                                              \
		WITH_FOLDER(an_object_cut_to_nothing_can_be_read_and_written_on),                                      \
		WITH_FOLDER(a_punched_hole_reads_as_zeros), WITH_FOLDER(threads_that_meet_it_at_once_all_go_on),       \
		WITH_FOLDER(a_forked_child_survives_it_too),                                                           \
		WITH_FOLDER(more_mappings_than_can_be_guarded_are_a_limit)

#endif
