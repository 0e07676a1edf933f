/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

#include "platform/presence.h"
#include "platform/shm.h"

#define TOKEN UINT64_C(0x2345678901234567)

static int folder = -1;

static int start(void **state)
{
	if (scratch_set_up(state) != 0 || takt_os_folder_open_root(&folder) != TAKT_OK)
		return -1;
	return takt_os_shm_create(folder, "live", 0, &private_rights, NULL, NULL) == TAKT_OK ? 0 : -1;
}

static int stop(void **state)
{
	takt_os_folder_close(&folder);
	return scratch_tear_down(state);
}

static struct takt_os_presence open_live(int writable)
{
	struct takt_os_presence presence = {-1};

	if (takt_os_presence_open(&presence, folder, "live", writable, &private_rights) != TAKT_OK)
		presence.descriptor = -1;
	return presence;
}

static void tokens_are_random_and_in_range(void **state)
{
	uint64_t seen_bits = 0;
	uint64_t before = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t token = 0;

		assert_int_equal(takt_os_token_draw(&token), TAKT_OK);
		assert_in_range(token, 1, TAKT_OS_TOKEN_MAX);
		assert_int_not_equal(token, before);
		before = token;
		seen_bits |= token;
	}
	assert_int_equal(seen_bits, TAKT_OS_TOKEN_MAX);
}

static void random_numbers_have_all_bits_and_are_never_0(void **state)
{
	uint64_t seen_bits = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t number = 0;

		assert_int_equal(takt_os_random(&number), TAKT_OK);
		assert_int_not_equal(number, 0);
		seen_bits |= number;
	}
	assert_int_equal(seen_bits, UINT64_MAX);
}

static int draw_where_there_is_none(void *argument)
{
	uint64_t token = 7;

	(void)argument;
	if (!refuse_call(SYS_getrandom, WHATEVER_ARGUMENT, 0, with_error(ENOSYS)))
		return CANNOT_REFUSE;
	return takt_os_token_draw(&token) == TAKT_SYSTEM && token == 7 && messages.count == 1 ? 0 : 1;
}

static void without_randomness_there_is_no_token(void **state)
{
	(void)state;
	assert_int_equal(unless_unable(in_child(draw_where_there_is_none, NULL)), 0);
}

static int hold_where_there_are_no_such_locks(void *argument)
{
	struct takt_os_presence holder = open_live(1);

	(void)argument;
	if (!refuse_call(FCNTL_CALL, 1, F_OFD_SETLK, with_error(EINVAL)))
		return CANNOT_REFUSE;
	return takt_os_presence_hold(&holder, TOKEN) == TAKT_SYSTEM && messages.count == 1 &&
			       strstr(messages.last, "Linux 3.15") && strstr(messages.last, "takt doctor")
		       ? 0
		       : 1;
}

static void a_kernel_without_the_locks_is_named(void **state)
{
	(void)state;
	assert_int_equal(unless_unable(in_child(hold_where_there_are_no_such_locks, NULL)), 0);
}

static void a_held_token_lives_for_all_others(void **state)
{
	static const uint64_t tokens[] = {1, TOKEN, UINT64_C(1) << 31, UINT64_C(1) << 32, TAKT_OS_TOKEN_MAX};
	struct takt_os_presence holder = open_live(1);
	struct takt_os_presence asker = open_live(0);

	(void)state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		assert_int_equal(takt_os_presence_ask(&asker, tokens[i]), TAKT_OS_DEAD);
		assert_int_equal(takt_os_presence_hold(&holder, tokens[i]), TAKT_OK);
		assert_int_equal(takt_os_presence_ask(&asker, tokens[i]), TAKT_OS_ALIVE);
		if (tokens[i] > 1)
			assert_int_equal(takt_os_presence_ask(&asker, tokens[i] - 2), TAKT_OS_DEAD);
		takt_os_presence_release(&holder, tokens[i]);
		assert_int_equal(takt_os_presence_ask(&asker, tokens[i]), TAKT_OS_DEAD);
	}
	takt_os_presence_close(&holder);
	takt_os_presence_close(&asker);
}

static void the_locks_of_this_descriptor_are_not_seen(void **state)
{
	struct takt_os_presence holder = open_live(1);

	(void)state;
	assert_int_equal(takt_os_presence_hold(&holder, TOKEN), TAKT_OK);
	assert_int_equal(takt_os_presence_ask(&holder, TOKEN), TAKT_OS_DEAD);
	takt_os_presence_close(&holder);
}

static void what_one_holds_is_busy_for_all_others(void **state)
{
	struct takt_os_presence first = open_live(1);
	struct takt_os_presence second = open_live(1);

	(void)state;
	assert_int_equal(takt_os_presence_hold(&first, 0), TAKT_OK);
	assert_int_equal(takt_os_presence_hold(&second, 0), TAKT_BUSY);
	assert_int_equal(takt_os_presence_share(&second, 0), TAKT_BUSY);
	assert_int_equal(takt_os_presence_hold(&second, 1), TAKT_OK);
	takt_os_presence_close(&first);
	assert_int_equal(takt_os_presence_hold(&second, 0), TAKT_OK);
	assert_int_equal(messages.count, 0);
	takt_os_presence_close(&second);
}

static void any_number_share_and_none_holds_meanwhile(void **state)
{
	struct takt_os_presence first = open_live(0);
	struct takt_os_presence second = open_live(0);
	struct takt_os_presence cleaner = open_live(1);

	(void)state;
	assert_int_equal(takt_os_presence_share(&first, 0), TAKT_OK);
	assert_int_equal(takt_os_presence_share(&second, 0), TAKT_OK);
	assert_int_equal(takt_os_presence_hold(&cleaner, 0), TAKT_BUSY);
	takt_os_presence_close(&first);
	assert_int_equal(takt_os_presence_hold(&cleaner, 0), TAKT_BUSY);
	takt_os_presence_release(&second, 0);
	assert_int_equal(takt_os_presence_hold(&cleaner, 0), TAKT_OK);
	assert_int_equal(takt_os_presence_share(&second, 0), TAKT_BUSY);
	takt_os_presence_close(&second);
	takt_os_presence_close(&cleaner);
}

static void a_read_lock_fakes_nothing(void **state)
{
	struct takt_os_presence faker = open_live(0);
	struct takt_os_presence asker = open_live(0);

	(void)state;
	assert_int_equal(takt_os_presence_share(&faker, TOKEN), TAKT_OK);
	assert_int_equal(takt_os_presence_ask(&asker, TOKEN), TAKT_OS_DEAD);
	takt_os_presence_close(&faker);
	takt_os_presence_close(&asker);
}

static void a_reader_of_the_file_cannot_hold(void **state)
{
	struct takt_os_presence faker = open_live(0);
	struct takt_os_presence asker = open_live(0);

	(void)state;
	assert_int_equal(takt_os_presence_hold(&faker, TOKEN), TAKT_SYSTEM);
	assert_message_has("presence file /dev/shm/takt-test-");
	assert_int_equal(takt_os_presence_ask(&asker, TOKEN), TAKT_OS_DEAD);
	takt_os_presence_close(&faker);
	takt_os_presence_close(&asker);
}

static void nonsense_is_unknown(void **state)
{
	struct takt_os_presence asker = open_live(0);
	const struct takt_os_presence closed = {-1};

	(void)state;
	assert_int_equal(takt_os_presence_ask(&asker, TAKT_OS_TOKEN_MAX + 1), TAKT_OS_UNKNOWN);
	assert_int_equal(takt_os_presence_ask(&asker, UINT64_MAX), TAKT_OS_UNKNOWN);
	assert_int_equal(takt_os_presence_ask(&closed, TOKEN), TAKT_OS_UNKNOWN);
	takt_os_presence_close(&asker);
}

/* --- death --- */

/* A child that holds the token until it is killed; returns when it holds it. */
static pid_t start_holder(_Atomic int *holding)
{
	const pid_t child = fork();

	if (child == 0) {
		const struct takt_os_presence mine = open_live(1);

		if (takt_os_presence_hold(&mine, TOKEN) != TAKT_OK)
			_exit(1);
		atomic_fetch_add(holding, 1);
		for (;;)
			(void)pause();
	}
	assert_true(child > 0);
	assert_true(wait_for_flag(holding, 1));
	return child;
}

static void a_killed_process_is_dead_when_it_has_been_waited_for(void **state)
{
	struct takt_os_presence asker = open_live(0);

	(void)state;
	for (int round = 0; round < 20; round++) {
		_Atomic int *holding = shared_memory(sizeof(*holding));
		const pid_t child = start_holder(holding);
		int how;

		assert_int_equal(takt_os_presence_ask(&asker, TOKEN), TAKT_OS_ALIVE);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &how, 0), child);
		assert_int_equal(takt_os_presence_ask(&asker, TOKEN), TAKT_OS_DEAD);
		(void)munmap(holding, sizeof(*holding));
	}
	takt_os_presence_close(&asker);
}

static void all_that_the_dead_one_stored_is_visible(void **state)
{
	struct takt_os_presence asker = open_live(0);
	_Atomic int *stored = shared_memory(2 * sizeof(*stored));

	(void)state;
	for (int round = 0; round < 50; round++) {
		const pid_t child = fork();
		const uint64_t end_ns = takt_os_clock_now_ns() + LONG_NS;
		int how;

		if (child == 0) {
			const struct takt_os_presence mine = open_live(1);

			if (takt_os_presence_hold(&mine, TOKEN) != TAKT_OK)
				_exit(1);
			atomic_store(&stored[0], round + 1);
			for (int i = 0;; i++)
				atomic_store_explicit(&stored[1], i, memory_order_relaxed);
		}
		assert_true(wait_for_flag(&stored[0], round + 1));
		assert_int_equal(kill(child, SIGKILL), 0);
		while (takt_os_presence_ask(&asker, TOKEN) != TAKT_OS_DEAD)
			assert_true(takt_os_clock_now_ns() < end_ns);
		const int last = atomic_load_explicit(&stored[1], memory_order_relaxed);
		assert_int_equal(waitpid(child, &how, 0), child);
		assert_true(WIFSIGNALED(how));
		assert_int_equal(atomic_load(&stored[1]), last);
	}
	(void)munmap(stored, 2 * sizeof(*stored));
	takt_os_presence_close(&asker);
}

static void a_zombie_is_dead(void **state)
{
	struct takt_os_presence asker = open_live(0);
	_Atomic int *holding = shared_memory(sizeof(*holding));
	const pid_t child = start_holder(holding);
	siginfo_t info;
	int how;

	(void)state;
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(takt_os_presence_ask(&asker, TOKEN), TAKT_OS_DEAD);
	assert_int_equal(waitpid(child, &how, 0), child);
	(void)munmap(holding, sizeof(*holding));
	takt_os_presence_close(&asker);
}

static void a_stopped_process_is_alive(void **state)
{
	struct takt_os_presence asker = open_live(0);
	_Atomic int *holding = shared_memory(sizeof(*holding));
	const pid_t child = start_holder(holding);
	int how;

	(void)state;
	assert_int_equal(kill(child, SIGSTOP), 0);
	assert_int_equal(waitpid(child, &how, WUNTRACED), child);
	assert_true(WIFSTOPPED(how));
	assert_int_equal(takt_os_presence_ask(&asker, TOKEN), TAKT_OS_ALIVE);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &how, 0), child);
	(void)munmap(holding, sizeof(*holding));
	takt_os_presence_close(&asker);
}

static void opening_and_closing_the_file_again_loses_no_lock(void **state)
{
	struct takt_os_presence holder = open_live(1);
	struct takt_os_presence again = open_live(1);
	struct takt_os_presence asker;

	(void)state;
	assert_int_equal(takt_os_presence_hold(&holder, TOKEN), TAKT_OK);
	takt_os_presence_close(&again);
	asker = open_live(0);
	assert_int_equal(takt_os_presence_ask(&asker, TOKEN), TAKT_OS_ALIVE);
	takt_os_presence_close(&asker);
	takt_os_presence_close(&holder);
}

/* --- fork and exec --- */

static struct takt_os_presence guarded = {-1};

static void close_guarded(void)
{
	takt_os_presence_close(&guarded);
}

/* Holds, forks a child that lives on, dies. The child raises `flag` when fork has returned there. */
static int hold_and_leave_a_child(_Atomic int *flag, int with_guard)
{
	guarded = open_live(1);
	if (with_guard && takt_os_fork_guard(close_guarded) != TAKT_OK)
		return 1;
	if (takt_os_presence_hold(&guarded, TOKEN) != TAKT_OK)
		return 2;
	const pid_t grandchild = fork();
	if (grandchild == 0) {
		atomic_store(flag, (int)getpid());
		for (;;)
			(void)pause();
	}
	return wait_for_flag(flag, 1) ? 0 : 3;
}

static enum takt_os_life life_after_the_parent(int with_guard)
{
	_Atomic int *flag = shared_memory(sizeof(*flag));
	struct takt_os_presence asker = open_live(0);
	const pid_t child = fork();
	enum takt_os_life life;
	int how = -1;

	if (child == 0)
		_exit(hold_and_leave_a_child(flag, with_guard));
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(how, 0);
	life = takt_os_presence_ask(&asker, TOKEN);
	/* It lives: only its death can have let go, if it had been holding. */
	assert_int_equal(kill(atomic_load(flag), SIGKILL), 0);
	takt_os_presence_close(&asker);
	(void)munmap(flag, sizeof(*flag));
	return life;
}

static void a_forked_child_does_not_keep_the_lock_once_the_guard_has_run(void **state)
{
	(void)state;
	assert_int_equal(life_after_the_parent(1), TAKT_OS_DEAD);
}

static void without_the_guard_it_would(void **state)
{
	(void)state;
	assert_int_equal(life_after_the_parent(0), TAKT_OS_ALIVE);
}

static int hold_and_fork(void *argument)
{
	struct takt_os_presence asker = open_live(0);
	pid_t child;

	(void)argument;
	guarded = open_live(1);
	if (takt_os_fork_guard(close_guarded) != TAKT_OK || takt_os_presence_hold(&guarded, TOKEN) != TAKT_OK)
		return 1;
	child = fork();
	if (child == 0)
		_exit(guarded.descriptor == -1 ? 0 : 1);
	return result_of_child(child) == 0 && guarded.descriptor >= 0 &&
			       takt_os_presence_ask(&asker, TOKEN) == TAKT_OS_ALIVE
		       ? 0
		       : 2;
}

static void a_guard_does_not_touch_the_parent(void **state)
{
	(void)state;
	assert_int_equal(in_child(hold_and_fork, NULL), 0);
}

static unsigned called;
static void call_1(void)
{
	called = called * 10 + 1;
}
static void call_2(void)
{
	called = called * 10 + 2;
}
static void call_3(void)
{
	called = called * 10 + 3;
}
static void call_4(void)
{
	called = called * 10 + 4;
}

static int register_all(void *argument)
{
	void (*const guards[])(void) = {call_1, call_2, call_1, call_3, call_4, call_2};
	int how = 0;
	pid_t child;

	(void)argument;
	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++)
		if (takt_os_fork_guard(guards[i]) != TAKT_OK)
			return 1;
	if (takt_os_fork_guard(close_guarded) != TAKT_LIMIT)
		return 2;
	child = fork();
	if (child == 0)
		_exit(called == 1234 ? 0 : 1);
	if (waitpid(child, &how, 0) != child || how != 0)
		return 3;
	return called == 0 ? 0 : 4;
}

static void four_guards_run_once_each_in_the_child_only(void **state)
{
	(void)state;
	assert_int_equal(in_child(register_all, NULL), 0);
}

static void the_descriptor_is_closed_on_exec(void **state)
{
	struct takt_os_presence presence = open_live(1);

	(void)state;
	assert_true((fcntl(presence.descriptor, F_GETFD) & FD_CLOEXEC) != 0);
	takt_os_presence_close(&presence);
	assert_int_equal(presence.descriptor, -1);
	takt_os_presence_close(&presence);
}

/* --- opening --- */

static void what_is_opened_is_checked_like_shared_memory(void **state)
{
	const struct takt_os_rights other = {TAKT_OS_ID_ANY, TAKT_OS_ID_ANY, 0640};
	struct takt_os_presence presence = {-1};

	(void)state;
	assert_int_equal(takt_os_presence_open(&presence, folder, "none", 0, &private_rights), TAKT_ABSENT);
	assert_int_equal(takt_os_presence_open(&presence, folder, "live", 0, &other), TAKT_MISMATCH);
	assert_message_has("presence file 'live'");
	assert_int_equal(symlinkat("live", folder, "link"), 0);
	assert_int_equal(takt_os_presence_open(&presence, folder, "link", 0, &private_rights), TAKT_MISMATCH);
	assert_int_equal(mkfifoat(folder, "pipe", 0600), 0);
	assert_int_equal(takt_os_presence_open(&presence, folder, "pipe", 1, &private_rights), TAKT_MISMATCH);
	assert_int_equal(presence.descriptor, -1);
}

static int open_as_somebody_else(void *argument)
{
	struct takt_os_presence presence = {-1};

	(void)argument;
	if (!become_somebody_else())
		return 99;
	return takt_os_presence_open(&presence, folder, "live", 1, &private_rights) == TAKT_DENIED &&
			       presence.descriptor == -1
		       ? 0
		       : 1;
}

static void another_users_file_is_denied(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(in_child(open_as_somebody_else, NULL), 0);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(tokens_are_random_and_in_range),
		WITH_FOLDER(random_numbers_have_all_bits_and_are_never_0),
		WITH_FOLDER(without_randomness_there_is_no_token),
		WITH_FOLDER(a_kernel_without_the_locks_is_named),
		WITH_FOLDER(a_held_token_lives_for_all_others),
		WITH_FOLDER(the_locks_of_this_descriptor_are_not_seen),
		WITH_FOLDER(what_one_holds_is_busy_for_all_others),
		WITH_FOLDER(any_number_share_and_none_holds_meanwhile),
		WITH_FOLDER(a_read_lock_fakes_nothing),
		WITH_FOLDER(a_reader_of_the_file_cannot_hold),
		WITH_FOLDER(nonsense_is_unknown),
		WITH_FOLDER(a_killed_process_is_dead_when_it_has_been_waited_for),
		WITH_FOLDER(all_that_the_dead_one_stored_is_visible),
		WITH_FOLDER(a_zombie_is_dead),
		WITH_FOLDER(a_stopped_process_is_alive),
		WITH_FOLDER(opening_and_closing_the_file_again_loses_no_lock),
		WITH_FOLDER(a_forked_child_does_not_keep_the_lock_once_the_guard_has_run),
		WITH_FOLDER(without_the_guard_it_would),
		WITH_FOLDER(a_guard_does_not_touch_the_parent),
		WITH_FOLDER(four_guards_run_once_each_in_the_child_only),
		WITH_FOLDER(the_descriptor_is_closed_on_exec),
		WITH_FOLDER(what_is_opened_is_checked_like_shared_memory),
		WITH_FOLDER(another_users_file_is_denied),
	};

	return cmocka_run_group_tests_name("platform/presence", tests, NULL, NULL);
}
