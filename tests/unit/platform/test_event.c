/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/platform/support.h"

#include <poll.h>
#include <sys/resource.h>

#include "platform/event.h"
#include "platform/thread.h"

#define POST_COUNT 20000u

static int event = -1;
static int timer = -1;

static int set_up(void **state)
{
	(void)state;
	forget_messages();
	takt_message_handler_set(keep_message, NULL);
	if (takt_os_event_create(&event, "me") != TAKT_OK)
		return -1;
	return takt_os_timer_create(&timer, "me") == TAKT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	takt_os_event_close(&event);
	takt_os_event_close(&timer);
	takt_message_handler_set(NULL, NULL);
	return event == -1 && timer == -1 ? 0 : -1;
}

static int is_readable_within(int descriptor, int ms)
{
	struct pollfd polled = {descriptor, POLLIN, 0};

	return poll(&polled, 1, ms) == 1 && (polled.revents & POLLIN) != 0;
}

/* --- events --- */

static void an_event_is_readable_from_its_post_until_it_is_drained(void **state)
{
	(void)state;
	assert_false(is_readable_within(event, 0));
	assert_int_equal(takt_os_event_drain(event), 0);
	takt_os_event_post(event);
	takt_os_event_post(event);
	assert_true(is_readable_within(event, 0));
	assert_int_equal(takt_os_event_drain(event), 1);
	assert_false(is_readable_within(event, 0));
	assert_int_equal(takt_os_event_drain(event), 0);
}

static void a_full_count_neither_blocks_nor_loses_the_post(void **state)
{
	const uint64_t nearly_all = UINT64_MAX - 2;

	(void)state;
	assert_int_equal(write(event, &nearly_all, sizeof(nearly_all)), sizeof(nearly_all));
	takt_os_event_post(event);
	/* This one has no room any more. */
	takt_os_event_post(event);
	takt_os_event_post(event);
	assert_true(is_readable_within(event, 0));
	assert_int_equal(takt_os_event_drain(event), 1);
	assert_false(is_readable_within(event, 0));
}

static _Atomic uint32_t posted_count;

static void post_many(void *argument)
{
	(void)argument;
	for (uint32_t i = 0; i < POST_COUNT; i++) {
		atomic_fetch_add(&posted_count, 1);
		takt_os_event_post(event);
	}
}

static void what_is_posted_after_a_drain_makes_it_readable_again(void **state)
{
	struct takt_os_thread poster = {0};
	uint32_t seen = 0;

	(void)state;
	atomic_store(&posted_count, 0);
	assert_int_equal(takt_os_thread_start(&poster, "poster", post_many, NULL), TAKT_OK);
	while (seen < POST_COUNT) {
		assert_true(is_readable_within(event, 60000));
		assert_int_equal(takt_os_event_drain(event), 1);
		seen = atomic_load(&posted_count);
	}
	takt_os_thread_join(&poster);
}

static void both_are_private_to_the_process_and_do_not_block(void **state)
{
	const int both[] = {event, timer};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_true(fcntl(both[i], F_GETFD) & FD_CLOEXEC);
		assert_true(fcntl(both[i], F_GETFL) & O_NONBLOCK);
	}
}

static void without_descriptors_there_is_no_space(void **state)
{
	struct rlimit before, none;
	int made = -7;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	const enum takt_status event_status = takt_os_event_create(&made, "me");
	const enum takt_status timer_status = takt_os_timer_create(&made, "me");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(event_status, TAKT_NO_SPACE);
	assert_int_equal(timer_status, TAKT_NO_SPACE);
	assert_int_equal(made, -7);
	assert_message_has("'me'");
	assert_message_has("ulimit -n");
}

/* --- timers --- */

static void a_timer_is_readable_from_its_time_on(void **state)
{
	const uint64_t due_ns = takt_os_clock_now_ns() + 20 * TAKT_NS_PER_MS;

	(void)state;
	assert_false(is_readable_within(timer, 0));
	takt_os_timer_set(timer, due_ns);
	assert_true(is_readable_within(timer, 60000));
	assert_true(takt_os_clock_now_ns() >= due_ns);
	/* And stays so: whoever comes late sees it too. */
	assert_true(is_readable_within(timer, 0));
}

static void setting_a_timer_anew_makes_it_unreadable(void **state)
{
	(void)state;
	takt_os_timer_set(timer, 1);
	assert_true(is_readable_within(timer, 60000));
	takt_os_timer_set(timer, takt_os_clock_now_ns() + LONG_NS);
	assert_false(is_readable_within(timer, 0));
	/* What has passed is due at once, even the beginning of time, which the system means otherwise. */
	takt_os_timer_set(timer, 0);
	assert_true(is_readable_within(timer, 60000));
	takt_os_timer_set(timer, TAKT_FOREVER);
	assert_false(is_readable_within(timer, 0));
	/* Later than the system can say is far away as well. */
	takt_os_timer_set(timer, TAKT_FOREVER - 1);
	assert_false(is_readable_within(timer, 0));
}

#define WITH_BOTH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOTH(an_event_is_readable_from_its_post_until_it_is_drained),
		WITH_BOTH(a_full_count_neither_blocks_nor_loses_the_post),
		WITH_BOTH(what_is_posted_after_a_drain_makes_it_readable_again),
		WITH_BOTH(both_are_private_to_the_process_and_do_not_block),
		WITH_BOTH(without_descriptors_there_is_no_space),
		WITH_BOTH(a_timer_is_readable_from_its_time_on),
		WITH_BOTH(setting_a_timer_anew_makes_it_unreadable),
	};

	return cmocka_run_group_tests_name("platform/event", tests, NULL, NULL);
}
