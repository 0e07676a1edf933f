/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

#include "platform/pipe.h"
#include "platform/thread.h"

static int folder = -1;

static int start(void **state)
{
	/* As a takt program does: a reader's death is a status. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (scratch_set_up(state) != 0)
		return -1;
	return takt_os_folder_open_root(&folder) == TAKT_OK ? 0 : -1;
}

static int stop(void **state)
{
	takt_os_folder_close(&folder);
	return scratch_tear_down(state);
}

static mode_t mode_of(const char *name)
{
	struct stat found;

	assert_int_equal(fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISFIFO(found.st_mode));
	return found.st_mode & 07777;
}

static enum takt_status make(uint32_t mode)
{
	const struct takt_os_rights rights = {TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, mode};

	return takt_os_fifo_create(folder, "pipe", &rights);
}

/* --- named pipes --- */

static int make_0660(void *argument)
{
	(void)umask((mode_t) * (unsigned *)argument);
	return -(int)make(0660);
}

static void a_named_pipe_has_exactly_its_rights_whatever_the_umask(void **state)
{
	unsigned masks[] = {0, 022, 077, 0777};

	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		assert_int_equal(in_child(make_0660, &masks[i]), TAKT_OK);
		assert_int_equal(mode_of("pipe"), 0660);
		assert_int_equal(entry_count(folder), 1);
		assert_int_equal(takt_os_folder_remove(folder, "pipe"), TAKT_OK);
	}
}

static int make_as_somebody_else(void *argument)
{
	return become_somebody_else() ? make_0660(argument) : 99;
}

static void an_ordinary_user_with_any_umask_makes_one_too(void **state)
{
	unsigned mask = 0777;

	(void)state;
	need_root();
	assert_int_equal(in_child(make_as_somebody_else, &mask), TAKT_OK);
	assert_int_equal(mode_of("pipe"), 0660);
	assert_int_equal(entry_count(folder), 1);
}

static void everybody_may_never_write(void **state)
{
	(void)state;
	assert_int_equal(make(0622), TAKT_INVALID);
	assert_int_equal(make(0), TAKT_INVALID);
	assert_int_equal(takt_os_fifo_create(folder, "../pipe", &private_rights), TAKT_INVALID);
	assert_int_equal(entry_count(folder), 0);
}

static void a_taken_name_exists(void **state)
{
	(void)state;
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(make(0660), TAKT_EXISTS);
	assert_int_equal(mode_of("pipe"), 0600);
	assert_int_equal(entry_count(folder), 1);
}

static void owner_and_group_are_given_and_compared(void **state)
{
	const struct takt_os_rights rights = {SOMEBODY_ELSE, SOMEBODY_ELSE, 0620};
	const struct takt_os_rights roots = {0, TAKT_OS_ID_ANY, 0};
	int reader = -1;

	(void)state;
	need_root();
	assert_int_equal(takt_os_fifo_create(folder, "pipe", &rights), TAKT_OK);
	assert_int_equal(takt_os_fifo_open_reader(&reader, folder, "pipe", &rights), TAKT_OK);
	takt_os_pipe_close(&reader);
	assert_int_equal(takt_os_fifo_open_reader(&reader, folder, "pipe", &roots), TAKT_MISMATCH);
	assert_message_has("named pipe 'pipe'");
	assert_message_has("owner is uid 65534, expected uid 0");
	assert_int_equal(reader, -1);
}

static int make_and_die_before_the_name(void *argument)
{
	(void)argument;
	if (!refuse_call(SYS_linkat, WHATEVER_ARGUMENT, 0, SECCOMP_RET_KILL_PROCESS))
		return CANNOT_REFUSE;
	return -(int)make(0660);
}

static void what_killed_makers_leave_is_finished_by_the_next(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(unless_unable(in_child(make_and_die_before_the_name, NULL)), KILLED_BY(SIGSYS));
	assert_int_equal(entry_count(folder), 1);
	assert_int_equal(make(0660), TAKT_OK);
	assert_int_equal(mode_of("pipe"), 0660);
	assert_int_equal(entry_count(folder), 1);
}

#define MAKER_COUNT 8

static int make_at_once(void *argument)
{
	_Atomic int *ready = argument;

	atomic_fetch_add(ready, 1);
	if (!wait_for_flag(ready, MAKER_COUNT))
		return 99;
	return -(int)make(0660);
}

static void of_several_makers_exactly_one_makes_it(void **state)
{
	(void)state;
	for (int round = 0; round < 50; round++) {
		_Atomic int *ready = shared_memory(sizeof(*ready));
		pid_t makers[MAKER_COUNT];
		unsigned made = 0;
		unsigned existed = 0;

		for (int i = 0; i < MAKER_COUNT; i++)
			makers[i] = start_child(make_at_once, ready);
		for (int i = 0; i < MAKER_COUNT; i++) {
			const int result = result_of_child(makers[i]);

			made += result == TAKT_OK;
			existed += result == -TAKT_EXISTS;
		}
		assert_int_equal(made, 1);
		assert_int_equal(existed, MAKER_COUNT - 1);
		assert_int_equal(mode_of("pipe"), 0660);
		assert_int_equal(entry_count(folder), 1);
		assert_int_equal(takt_os_folder_remove(folder, "pipe"), TAKT_OK);
		(void)munmap(ready, sizeof(*ready));
	}
}

static void open_both(int *reader, int *writer)
{
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(takt_os_fifo_open_reader(reader, folder, "pipe", &private_rights), TAKT_OK);
	assert_int_equal(takt_os_fifo_open_writer(writer, folder, "pipe"), TAKT_OK);
}

static void what_is_written_is_read(void **state)
{
	int reader = -1;
	int writer = -1;
	char text[64];
	uint32_t count = 0;

	(void)state;
	open_both(&reader, &writer);
	assert_true((fcntl(reader, F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(writer, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(takt_os_pipe_read(reader, text, sizeof(text), &count), TAKT_EMPTY);
	assert_int_equal(count, 0);
	assert_int_equal(takt_os_pipe_write(writer, "set kp=1.2\n", 11), TAKT_OK);
	assert_int_equal(takt_os_pipe_read(reader, text, sizeof(text), &count), TAKT_OK);
	assert_int_equal(count, 11);
	assert_memory_equal(text, "set kp=1.2\n", 11);
	takt_os_pipe_close(&writer);
	takt_os_pipe_close(&reader);
	assert_int_equal(reader, -1);
	takt_os_pipe_close(&reader);
}

static void a_reader_never_meets_an_end_of_file(void **state)
{
	int reader = -1;
	int writer = -1;
	uint32_t ready = 0;
	uint32_t count = 0;
	char byte;

	(void)state;
	open_both(&reader, &writer);
	takt_os_pipe_close(&writer);
	assert_int_equal(takt_os_pipe_read(reader, &byte, 1, &count), TAKT_EMPTY);
	assert_int_equal(takt_os_pipe_wait(&reader, 1, takt_os_clock_now_ns() + SHORT_NS, &ready), TAKT_TIMEOUT);
	takt_os_pipe_close(&reader);
}

static void a_writer_without_a_reader_is_told_so(void **state)
{
	int writer = -1;

	(void)state;
	assert_int_equal(takt_os_fifo_open_writer(&writer, folder, "pipe"), TAKT_ABSENT);
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(takt_os_fifo_open_writer(&writer, folder, "pipe"), TAKT_CLOSED);
	assert_int_equal(writer, -1);
	assert_int_equal(messages.count, 0);
}

static void a_reader_that_goes_away_closes_the_pipe(void **state)
{
	int reader = -1;
	int writer = -1;

	(void)state;
	open_both(&reader, &writer);
	takt_os_pipe_close(&reader);
	assert_int_equal(takt_os_pipe_write(writer, "x", 1), TAKT_CLOSED);
	takt_os_pipe_close(&writer);
}

static void whatever_is_no_pipe_is_a_mismatch_and_never_opened(void **state)
{
	char path[128];
	int reader = -1;
	int writer = -1;

	(void)state;
	scratch_path(path, "pipe");
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(takt_os_fifo_open_writer(&writer, folder, "pipe"), TAKT_MISMATCH);
	assert_int_equal(takt_os_fifo_open_reader(&reader, folder, "pipe", &private_rights), TAKT_MISMATCH);
	assert_message_has("a file, expected a named pipe");
	assert_int_equal(unlink(path), 0);
	if (geteuid() == 0 && mknod(path, S_IFCHR | 0600, makedev(1, 3)) == 0) {
		assert_int_equal(takt_os_fifo_open_writer(&writer, folder, "pipe"), TAKT_MISMATCH);
		assert_message_has("a device, expected a named pipe");
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(mkfifoat(folder, "real", 0600), 0);
	assert_int_equal(symlink("real", path), 0);
	assert_int_equal(takt_os_fifo_open_writer(&writer, folder, "pipe"), TAKT_MISMATCH);
	assert_int_equal(takt_os_fifo_open_reader(&reader, folder, "pipe", &private_rights), TAKT_MISMATCH);
	assert_message_has("a symbolic link, expected a named pipe");
	assert_int_equal(takt_os_fifo_open_writer(&writer, folder, "../pipe"), TAKT_INVALID);
	assert_int_equal(writer, -1);
	assert_int_equal(reader, -1);
}

/* --- all or nothing --- */

static void a_full_pipe_takes_nothing(void **state)
{
	static char block[TAKT_OS_PIPE_ATOMIC_BYTES];
	int reader = -1;
	int writer = -1;
	uint64_t put = 0;
	uint64_t got = 0;
	uint32_t count;

	(void)state;
	assert_int_equal(takt_os_pipe_create(&reader, &writer), TAKT_OK);
	while (takt_os_pipe_write(writer, block, 3000) == TAKT_OK)
		put += 3000;
	assert_int_equal(takt_os_pipe_write(writer, block, sizeof(block)), TAKT_FULL);
	while (takt_os_pipe_read(reader, block, sizeof(block), &count) == TAKT_OK)
		got += count;
	assert_true(put > 0);
	assert_int_equal(got, put);
	assert_int_equal(takt_os_pipe_write(writer, block, sizeof(block)), TAKT_OK);
	takt_os_pipe_close(&reader);
	takt_os_pipe_close(&writer);
}

static int read_later(void *argument)
{
	static char block[TAKT_OS_PIPE_ATOMIC_BYTES];
	const int reader = *(int *)argument;
	uint32_t count;
	uint32_t ready;

	/* Once only: room for one block. */
	if (takt_os_pipe_wait(&reader, 1, takt_os_clock_now_ns() + TAKT_NS_PER_S, &ready) != TAKT_OK)
		return 1;
	return takt_os_pipe_read(reader, block, sizeof(block), &count) == TAKT_OK && count == sizeof(block) ? 0 : 2;
}

static void a_full_pipe_is_waited_for_until_there_is_room_or_the_deadline(void **state)
{
	static char block[TAKT_OS_PIPE_ATOMIC_BYTES];
	int reader = -1;
	int writer = -1;
	const uint64_t deadline_ns = takt_os_clock_now_ns() + 50 * TAKT_NS_PER_MS;

	(void)state;
	assert_int_equal(takt_os_pipe_create(&reader, &writer), TAKT_OK);
	while (takt_os_pipe_write(writer, block, sizeof(block)) == TAKT_OK)
		continue;
	assert_int_equal(takt_os_pipe_write_until(writer, block, sizeof(block), deadline_ns), TAKT_FULL);
	assert_true(takt_os_clock_now_ns() >= deadline_ns);
	const pid_t child = start_child(read_later, &reader);
	assert_int_equal(takt_os_pipe_write_until(writer, block, sizeof(block),
						  takt_os_clock_now_ns() + 10 * TAKT_NS_PER_S),
			 TAKT_OK);
	assert_int_equal(result_of_child(child), 0);
	takt_os_pipe_close(&reader);
	assert_int_equal(takt_os_pipe_write_until(writer, "x", 1, 0), TAKT_CLOSED);
	takt_os_pipe_close(&writer);
}

#define LINE_COUNT 2000u

/* Lines of one letter, 1 to 4096 bytes with their end. */
static int write_lines(void *argument)
{
	static char line[TAKT_OS_PIPE_ATOMIC_BYTES];
	const char letter = *(char *)argument;
	int writer = -1;

	if (takt_os_fifo_open_writer(&writer, folder, "pipe") != TAKT_OK)
		return 1;
	for (uint32_t i = 0; i < LINE_COUNT; i++) {
		const uint32_t bytes = 2 + i * 997 % (TAKT_OS_PIPE_ATOMIC_BYTES - 1);
		enum takt_status status;

		memset(line, letter, bytes - 1);
		line[bytes - 1] = '\n';
		do {
			status = takt_os_pipe_write(writer, line, bytes);
			if (status == TAKT_FULL)
				(void)sched_yield();
		} while (status == TAKT_FULL);
		if (status != TAKT_OK)
			return 2;
	}
	return 0;
}

static void lines_of_several_writers_are_never_mixed_or_torn(void **state)
{
	static char buffer[65536];
	char letters[] = {'a', 'b', 'c'};
	pid_t writers[3];
	unsigned lines = 0;
	unsigned mixed = 0;
	char first = '\n';
	int reader = -1;

	(void)state;
	assert_int_equal(make(0600), TAKT_OK);
	assert_int_equal(takt_os_fifo_open_reader(&reader, folder, "pipe", &private_rights), TAKT_OK);
	for (int i = 0; i < 3; i++)
		writers[i] = start_child(write_lines, &letters[i]);
	while (lines < 3 * LINE_COUNT) {
		uint32_t ready = 0;
		uint32_t count = 0;

		assert_int_equal(takt_os_pipe_wait(&reader, 1, takt_os_clock_now_ns() + LONG_NS, &ready), TAKT_OK);
		assert_int_equal(takt_os_pipe_read(reader, buffer, sizeof(buffer), &count), TAKT_OK);
		for (uint32_t i = 0; i < count; i++) {
			if (first != '\n' && buffer[i] != '\n' && buffer[i] != first)
				mixed++;
			lines += buffer[i] == '\n';
			first = buffer[i];
		}
	}
	assert_int_equal(mixed, 0);
	assert_int_equal(lines, 3 * LINE_COUNT);
	for (int i = 0; i < 3; i++)
		assert_int_equal(result_of_child(writers[i]), 0);
	takt_os_pipe_close(&reader);
}

/* --- anonymous pipes --- */

static void an_anonymous_pipe_ends_with_its_writer(void **state)
{
	int reader = -1;
	int writer = -1;
	uint32_t ready = 0;
	uint32_t count = 7;
	char byte;

	(void)state;
	assert_int_equal(takt_os_pipe_create(&reader, &writer), TAKT_OK);
	assert_true((fcntl(reader, F_GETFD) & FD_CLOEXEC) != 0);
	assert_true((fcntl(writer, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(takt_os_pipe_read(reader, &byte, 1, &count), TAKT_EMPTY);
	takt_os_pipe_close(&writer);
	assert_int_equal(takt_os_pipe_wait(&reader, 1, TAKT_FOREVER, &ready), TAKT_OK);
	assert_int_equal(ready, 1);
	assert_int_equal(takt_os_pipe_read(reader, &byte, 1, &count), TAKT_CLOSED);
	assert_int_equal(count, 7);
	takt_os_pipe_close(&reader);
}

static int make_pipes_without_end(void *argument)
{
	const struct rlimit few = {64, 64};
	int reader = -1;
	int writer = -1;
	enum takt_status status;

	(void)argument;
	if (setrlimit(RLIMIT_NOFILE, &few) != 0)
		return 2;
	do
		status = takt_os_pipe_create(&reader, &writer);
	while (status == TAKT_OK);
	return status == TAKT_NO_SPACE && messages.count == 1 ? 0 : 1;
}

static void without_descriptors_there_is_no_space(void **state)
{
	(void)state;
	assert_int_equal(in_child(make_pipes_without_end, NULL), 0);
}

/* --- waiting --- */

static void the_mask_says_which_are_ready(void **state)
{
	int readers[TAKT_OS_PIPE_WAIT_MAX];
	int writers[TAKT_OS_PIPE_WAIT_MAX];
	uint32_t ready = 0;

	(void)state;
	for (int i = 0; i < TAKT_OS_PIPE_WAIT_MAX; i++)
		assert_int_equal(takt_os_pipe_create(&readers[i], &writers[i]), TAKT_OK);
	assert_int_equal(takt_os_pipe_write(writers[1], "x", 1), TAKT_OK);
	assert_int_equal(takt_os_pipe_write(writers[7], "x", 1), TAKT_OK);
	takt_os_pipe_close(&writers[3]);
	takt_os_pipe_close(&readers[0]);
	assert_int_equal(takt_os_pipe_wait(readers, TAKT_OS_PIPE_WAIT_MAX, TAKT_FOREVER, &ready), TAKT_OK);
	assert_int_equal(ready, 1u << 1 | 1u << 7 | 1u << 3);
	for (int i = 0; i < TAKT_OS_PIPE_WAIT_MAX; i++) {
		takt_os_pipe_close(&readers[i]);
		takt_os_pipe_close(&writers[i]);
	}
}

static void a_wait_never_ends_before_its_deadline(void **state)
{
	int reader = -1;
	int writer = -1;
	uint32_t ready = 7;
	const uint64_t deadline_ns = takt_os_clock_now_ns() + 150 * TAKT_NS_PER_MS;

	(void)state;
	assert_int_equal(takt_os_pipe_create(&reader, &writer), TAKT_OK);
	assert_int_equal(takt_os_pipe_wait(&reader, 1, 0, &ready), TAKT_TIMEOUT);
	assert_int_equal(takt_os_pipe_wait(&reader, 1, deadline_ns, &ready), TAKT_TIMEOUT);
	assert_true(takt_os_clock_now_ns() >= deadline_ns);
	assert_int_equal(takt_os_pipe_write(writer, "x", 1), TAKT_OK);
	assert_int_equal(ready, 7);
	/* What is there counts even when the deadline has passed. */
	assert_int_equal(takt_os_pipe_wait(&reader, 1, 0, &ready), TAKT_OK);
	assert_int_equal(ready, 1);
	takt_os_pipe_close(&reader);
	takt_os_pipe_close(&writer);
}

static int wait_for_a_stop(void *argument)
{
	int reader = -1;
	int writer = -1;
	uint32_t ready;

	takt_os_process_prepare(0);
	if (takt_os_pipe_create(&reader, &writer) != TAKT_OK)
		return 1;
	atomic_store((_Atomic int *)argument, 1);
	if (takt_os_pipe_wait(&reader, 1, TAKT_FOREVER, &ready) != TAKT_STOPPED)
		return 2;
	return takt_os_pipe_wait(&reader, 1, TAKT_FOREVER, &ready) == TAKT_STOPPED ? 0 : 3;
}

static void a_stop_ends_a_wait_wherever_its_signal_hits(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		_Atomic int *ready = shared_memory(sizeof(*ready));
		const pid_t child = start_child(wait_for_a_stop, ready);

		assert_true(wait_for_flag(ready, 1));
		for (int spin = 0; spin < round * 50; spin++)
			(void)takt_os_clock_now_ns();
		assert_int_equal(kill(child, SIGINT), 0);
		assert_int_equal(result_of_child(child), 0);
		(void)munmap(ready, sizeof(*ready));
	}
}

static void *request(void *argument)
{
	if (wait_until_asleep(*(pid_t *)argument))
		takt_os_stop_request();
	return NULL;
}

static int wait_while_another_thread_stops(void *argument)
{
	const uint64_t deadline_ns = takt_os_clock_now_ns() + LONG_NS;
	pid_t self = getpid();
	int reader = -1;
	int writer = -1;
	uint32_t ready;
	pthread_t other;

	(void)argument;
	if (takt_os_pipe_create(&reader, &writer) != TAKT_OK || pthread_create(&other, NULL, request, &self) != 0)
		return 2;
	return takt_os_pipe_wait(&reader, 1, deadline_ns, &ready) == TAKT_STOPPED &&
			       takt_os_clock_now_ns() < deadline_ns
		       ? 0
		       : 1;
}

static void a_stop_by_another_thread_ends_a_wait(void **state)
{
	(void)state;
	assert_int_equal(in_child(wait_while_another_thread_stops, NULL), 0);
}

/* --- waiting for many --- */

static int wait_for_many_although_stopped(void *argument)
{
	int reader, writer, *descriptors = argument;
	unsigned char ready[TAKT_OS_PIPE_WAIT_MANY_MAX];
	const uint64_t soon_ns = takt_os_clock_now_ns() + 20 * TAKT_NS_PER_MS;

	takt_os_stop_request();
	if (takt_os_pipe_create(&reader, &writer) != TAKT_OK)
		return 1;
	for (int i = 0; i < TAKT_OS_PIPE_WAIT_MANY_MAX; i++)
		descriptors[i] = -1;
	descriptors[TAKT_OS_PIPE_WAIT_MANY_MAX - 1] = reader;
	if (takt_os_pipe_wait_many(descriptors, TAKT_OS_PIPE_WAIT_MANY_MAX, soon_ns, ready) != TAKT_TIMEOUT ||
	    takt_os_clock_now_ns() < soon_ns || ready[TAKT_OS_PIPE_WAIT_MANY_MAX - 1])
		return 2;
	if (takt_os_pipe_write(writer, "x", 1) != TAKT_OK ||
	    takt_os_pipe_wait_many(descriptors, TAKT_OS_PIPE_WAIT_MANY_MAX, TAKT_FOREVER, ready) != TAKT_OK)
		return 3;
	for (int i = 0; i < TAKT_OS_PIPE_WAIT_MANY_MAX; i++)
		if (ready[i] != (i == TAKT_OS_PIPE_WAIT_MANY_MAX - 1))
			return 4;
	return 0;
}

static void many_pipes_are_waited_for_until_one_is_ready_or_the_deadline(void **state)
{
	static int descriptors[TAKT_OS_PIPE_WAIT_MANY_MAX];

	(void)state;
	assert_int_equal(in_child(wait_for_many_although_stopped, descriptors), 0);
}

/* --- an inherited one --- */

static void an_inherited_pipe_is_made_private(void **state)
{
	int ends[2];
	uint32_t count;
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(takt_os_pipe_adopt(ends[0]), TAKT_OK);
	assert_true((fcntl(ends[0], F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(takt_os_pipe_read(ends[0], &byte, 1, &count), TAKT_EMPTY);
	takt_os_pipe_close(&ends[0]);
	takt_os_pipe_close(&ends[1]);
}

static void what_is_no_open_pipe_is_not_adopted(void **state)
{
	const int file = openat(folder, "file", O_CREAT | O_RDWR, 0600);

	(void)state;
	assert_int_equal(takt_os_pipe_adopt(file), TAKT_INVALID);
	assert_int_equal(fcntl(file, F_GETFD) & FD_CLOEXEC, 0);
	(void)close(file);
	assert_int_equal(takt_os_pipe_adopt(file), TAKT_INVALID);
	assert_int_equal(takt_os_pipe_adopt(-1), TAKT_INVALID);
	assert_int_equal(takt_os_pipe_adopt(INT32_MAX), TAKT_INVALID);
	assert_message_has("2147483647");
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(a_named_pipe_has_exactly_its_rights_whatever_the_umask),
		WITH_FOLDER(an_ordinary_user_with_any_umask_makes_one_too),
		WITH_FOLDER(everybody_may_never_write),
		WITH_FOLDER(a_taken_name_exists),
		WITH_FOLDER(owner_and_group_are_given_and_compared),
		WITH_FOLDER(what_killed_makers_leave_is_finished_by_the_next),
		WITH_FOLDER(of_several_makers_exactly_one_makes_it),
		WITH_FOLDER(what_is_written_is_read),
		WITH_FOLDER(a_reader_never_meets_an_end_of_file),
		WITH_FOLDER(a_writer_without_a_reader_is_told_so),
		WITH_FOLDER(a_reader_that_goes_away_closes_the_pipe),
		WITH_FOLDER(whatever_is_no_pipe_is_a_mismatch_and_never_opened),
		WITH_FOLDER(a_full_pipe_takes_nothing),
		WITH_FOLDER(a_full_pipe_is_waited_for_until_there_is_room_or_the_deadline),
		WITH_FOLDER(lines_of_several_writers_are_never_mixed_or_torn),
		WITH_FOLDER(an_anonymous_pipe_ends_with_its_writer),
		WITH_FOLDER(without_descriptors_there_is_no_space),
		WITH_FOLDER(the_mask_says_which_are_ready),
		WITH_FOLDER(a_wait_never_ends_before_its_deadline),
		WITH_FOLDER(a_stop_ends_a_wait_wherever_its_signal_hits),
		WITH_FOLDER(a_stop_by_another_thread_ends_a_wait),
		WITH_FOLDER(many_pipes_are_waited_for_until_one_is_ready_or_the_deadline),
		WITH_FOLDER(an_inherited_pipe_is_made_private),
		WITH_FOLDER(what_is_no_open_pipe_is_not_adopted),
	};

	return cmocka_run_group_tests_name("platform/pipe", tests, NULL, NULL);
}
