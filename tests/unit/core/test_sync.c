/* SPDX-License-Identifier: Apache-2.0 */
/* What all synchronisation objects have in common: attaching, rights, creation, forks. The kinds have tests of their own. */
#include "tests/unit/core/sync_fixture.h"

#include "core/barrier.h"
#include "core/events.h"
#include "core/mutex.h"
#include "core/rwlock.h"
#include "core/semaphore.h"
#include "core/sync_access.h"

static struct takt_semaphore semaphore;
static struct takt_mutex mutex;

static void objects_are_made_once_and_cleaned(void **state)
{
	const struct takt_config *config = fixture_parse(sync_config);
	uint32_t created = 0;

	(void)state;
	assert_int_equal(takt_domain_create(config, &created), TAKT_OK);
	/* A topic and six objects, each with its presence file. */
	assert_int_equal(created, 14);
	assert_int_equal(takt_domain_create(config, &created), TAKT_OK);
	assert_int_equal(created, 0);
	takt_config_free(config);
	assert_nothing_said();
}

static void another_config_is_refused_by_the_first_difference(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		const char *said;
	} cases[] = {
		{"initial: 2", "initial: 3", "`initial` is 2 in the running domain and 3 in this config"},
		{"maximum: 3", "maximum: 4", "`maximum` is 3 in the running domain and 4 in this config"},
		{"undo: false, maximum: 3", "initial: 3", "`initial` is 0 in the running domain and 3"},
		{"members: 2", "members: 3", "`members` is 2 in the running domain and 3 in this config"},
		{"kind: mutex", "kind: rwlock", "it is a mutex in the running domain and a rwlock in this config"},
		{"waiters: 1}\n", "uses: [door], waiters: 1}\n",
		 "the set of its users (as waiter bits) is 15 in the running"},
	};
	const struct takt_config *config = fixture_parse(sync_config);
	uint32_t created;

	(void)state;
	assert_int_equal(takt_domain_create(config, &created), TAKT_OK);
	takt_config_free(config);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[sizeof(sync_config) + 64];
		const char *at = strstr(sync_config, cases[i].from);

		assert_non_null(at);
		(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - sync_config), sync_config, cases[i].to,
			       at + strlen(cases[i].from));
		config = fixture_parse(text);
		forget_said();
		assert_int_equal(takt_domain_create(config, &created), TAKT_MISMATCH);
		assert_said(cases[i].said);
		takt_config_free(config);
	}
}

static void only_who_lists_it_may_attach_and_only_as_its_kind(void **state)
{
	static struct takt_waiter stranger;

	(void)state;
	assert_int_equal(takt_waiter_init(&stranger, fixture_join("none"), 0), TAKT_OK);
	assert_int_equal(takt_mutex_attach(&mutex, &stranger, "door"), TAKT_INVALID);
	assert_said("node 'none' may not use 'door'");
	assert_int_equal(takt_mutex_attach(&mutex, &sync_waiters[0], "nothing"), TAKT_INVALID);
	assert_said("node 'one' may not use 'nothing'");
	assert_int_equal(takt_mutex_attach(&mutex, &sync_waiters[0], "units"), TAKT_MISMATCH);
	assert_said("sync 'units' is a semaphore in ");
	assert_said("attaches to it as a mutex");
}

static void a_waiter_has_one_handle_of_an_object(void **state)
{
	static struct takt_semaphore second;

	(void)state;
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_OK);
	assert_int_equal(takt_semaphore_attach(&second, &sync_waiters[0], "units"), TAKT_BUSY);
	assert_said("waiter 0 of the domain has it attached already");
	assert_int_equal(takt_semaphore_attach(&second, &sync_waiters[1], "units"), TAKT_OK);
	assert_int_not_equal(second.sync.token, semaphore.sync.token);
	takt_semaphore_detach(&second);
	takt_semaphore_detach(&semaphore);
	takt_semaphore_detach(&semaphore);
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_OK);
	takt_semaphore_detach(&semaphore);
}

static int child_of_a_fork_has_nothing(void *argument)
{
	int owner_died;

	(void)argument;
	if (takt_semaphore_try_wait(&semaphore) != TAKT_CLOSED || takt_semaphore_post(&semaphore) != TAKT_CLOSED ||
	    takt_semaphore_count(&semaphore) != 0 || takt_mutex_try_lock(&mutex, &owner_died) != TAKT_CLOSED)
		return 1;
	takt_mutex_unlock(&mutex);
	takt_semaphore_detach(&semaphore);
	takt_mutex_detach(&mutex);
	return 0;
}

static void in_a_forks_child_all_handles_are_closed_and_the_parents_stay(void **state)
{
	int owner_died = 5;

	(void)state;
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_OK);
	assert_int_equal(takt_mutex_attach(&mutex, &sync_waiters[0], "door"), TAKT_OK);
	assert_int_equal(takt_semaphore_try_wait(&semaphore), TAKT_OK);
	assert_int_equal(takt_mutex_try_lock(&mutex, &owner_died), TAKT_OK);
	assert_int_equal(owner_died, 0);
	assert_int_equal(in_child(child_of_a_fork_has_nothing, NULL), 0);
	assert_int_equal(takt_semaphore_count(&semaphore), 1);
	assert_int_equal(takt_mutex_owner(&mutex), 0);
	takt_semaphore_detach(&semaphore);
	takt_mutex_detach(&mutex);
}

static void what_is_not_attached_is_closed(void **state)
{
	static struct takt_semaphore nothing;

	(void)state;
	assert_int_equal(takt_semaphore_try_wait(&nothing), TAKT_CLOSED);
	assert_int_equal(takt_semaphore_wait_until(&nothing, sync_soon()), TAKT_CLOSED);
	assert_int_equal(takt_semaphore_post(&nothing), TAKT_CLOSED);
	takt_semaphore_detach(&nothing);
}

static void a_segment_that_is_cut_off_is_told_once_and_survived(void **state)
{
	static struct takt_semaphore bell;
	static struct takt_events events;
	int owner_died;

	(void)state;
	need_a_working_mremap();
	/* glibc ends a process that meets a scribbled sem_t. */
	if (takt_os_sem_kind() == TAKT_OS_SEM_POSIX)
		skip();
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_OK);
	assert_int_equal(takt_mutex_attach(&mutex, &sync_waiters[0], "door"), TAKT_OK);
	assert_int_equal(takt_events_attach(&events, &sync_waiters[0], "flags"), TAKT_OK);
	sync_cut("sync.units");
	sync_cut("sync.door");
	sync_cut("sync.flags");
	forget_said();
	assert_int_equal(takt_semaphore_wait_until(&semaphore, sync_soon()), TAKT_CORRUPT);
	assert_said("sync 'units': its segment was cut off");
	unsigned count = messages.count;
	assert_int_equal(takt_semaphore_post(&semaphore), TAKT_CORRUPT);
	assert_int_equal(messages.count, count);
	assert_int_equal(takt_mutex_lock_until(&mutex, sync_soon(), &owner_died), TAKT_CORRUPT);
	assert_int_equal(takt_events_try_wait(&events, 1, TAKT_EVENTS_ANY, NULL), TAKT_CORRUPT);
	assert_int_equal(takt_events_set(&events, 1), TAKT_CORRUPT);
	/* The roster, in which it sleeps, too: every slice looks for itself then. */
	assert_int_equal(takt_semaphore_attach(&bell, &sync_waiters[0], "bell"), TAKT_OK);
	sync_cut("roster");
	assert_int_equal(takt_semaphore_wait_until(&bell, sync_soon()), TAKT_TIMEOUT);
	assert_int_equal(takt_semaphore_wait_until(&bell, sync_soon()), TAKT_TIMEOUT);
	assert_said("domain 'test': its roster was cut off while it was in use");
	takt_semaphore_detach(&bell);
	takt_semaphore_detach(&semaphore);
	takt_mutex_detach(&mutex);
	takt_events_detach(&events);
}

static void an_object_that_somebody_removed_is_made_again_and_a_missing_presence_file_is_told(void **state)
{
	char path[160];

	(void)state;
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_OK);
	takt_semaphore_detach(&semaphore);
	(void)snprintf(path, sizeof(path), "%s/takt.test/sync.units", scratch);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_OK);
	takt_semaphore_detach(&semaphore);
	(void)snprintf(path, sizeof(path), "%s/takt.test/live.sync.units", scratch);
	assert_int_equal(unlink(path), 0);
	/* Made again as well: the segment's users would else have no word for it. */
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_OK);
	takt_semaphore_detach(&semaphore);
	assert_nothing_said();
}

static void no_node_has_more_than_its_number_of_handles(void **state)
{
	struct takt_node *node = sync_waiters[0].node;

	(void)state;
	for (uint32_t i = 0; i < TAKT_HANDLES_PER_NODE_MAX; i++)
		atomic_store(&node->publisher_descriptors[i], 1000000 + i);
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_LIMIT);
	assert_said("node 'one' has 128 publishers, producers, consumers and synchronisation objects");
	for (uint32_t i = 0; i < TAKT_HANDLES_PER_NODE_MAX; i++)
		atomic_store(&node->publisher_descriptors[i], 0);
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_OK);
	takt_semaphore_detach(&semaphore);
}

static void a_foreign_segment_under_the_name_is_refused(void **state)
{
	char path[160];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/takt.test/sync.units", scratch);
	const int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	assert_int_equal(ftruncate(file, 8192), 0);
	(void)close(file);
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_CORRUPT);
	assert_said("is not a segment of takt");
	assert_int_equal(unlink(path), 0);
}

/* A living process is stopped inside an object's own lock: nobody waits for it longer than the bound, and attaching says so. */
static void a_lock_that_is_held_is_waited_for_no_longer_than_the_bound(void **state)
{
	static struct takt_rwlock maps[2];
	static struct takt_barrier barriers[2];
	static struct takt_semaphore second;
	int told;

	(void)state;
	assert_int_equal(takt_rwlock_attach(&maps[0], &sync_waiters[0], "map"), TAKT_OK);
	assert_int_equal(takt_rwlock_attach(&maps[1], &sync_waiters[1], "map"), TAKT_OK);
	assert_int_equal(takt_barrier_attach(&barriers[0], &sync_waiters[0], "start"), TAKT_OK);
	assert_int_equal(takt_barrier_attach(&barriers[1], &sync_waiters[1], "start"), TAKT_OK);
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "units"), TAKT_OK);
	assert_int_equal(takt_rwlock_try_read(&maps[0], &told), TAKT_OK);
	assert_int_equal(takt_sync_lock(&maps[1].sync), TAKT_OK);
	assert_int_equal(takt_rwlock_unlock(&maps[0]), TAKT_TIMEOUT);
	takt_sync_unlock(&maps[1].sync);
	assert_int_equal(takt_rwlock_unlock(&maps[0]), TAKT_OK);
	assert_int_equal(takt_sync_lock(&maps[1].sync), TAKT_OK);
	assert_int_equal(takt_rwlock_try_read(&maps[0], &told), TAKT_BUSY);
	assert_int_equal(takt_rwlock_try_write(&maps[0], &told), TAKT_BUSY);
	takt_sync_unlock(&maps[1].sync);
	assert_int_equal(takt_sync_lock(&barriers[1].sync), TAKT_OK);
	assert_int_equal(takt_barrier_try_wait(&barriers[0]), TAKT_BUSY);
	takt_sync_unlock(&barriers[1].sync);
	assert_int_equal(takt_sync_lock(&semaphore.sync), TAKT_OK);
	assert_int_equal(takt_semaphore_attach(&second, &sync_waiters[1], "units"), TAKT_TIMEOUT);
	assert_said("sync 'units': a living process has held its lock for more than 200000 us");
	takt_sync_unlock(&semaphore.sync);
	takt_semaphore_detach(&semaphore);
	for (int i = 0; i < 2; i++) {
		takt_rwlock_detach(&maps[i]);
		takt_barrier_detach(&barriers[i]);
	}
}

static void who_is_asked_to_end_waits_no_longer(void **state)
{
	static struct takt_mutex other;
	struct takt_node *node = sync_waiters[0].node;
	int owner_died;

	(void)state;
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "bell"), TAKT_OK);
	assert_int_equal(takt_mutex_attach(&mutex, &sync_waiters[0], "door"), TAKT_OK);
	assert_int_equal(takt_mutex_attach(&other, &sync_waiters[1], "door"), TAKT_OK);
	assert_int_equal(takt_mutex_try_lock(&other, &owner_died), TAKT_OK);
	atomic_store(&node->quit_wanted, 1);
	assert_int_equal(takt_semaphore_wait_until(&semaphore, sync_much_later()), TAKT_STOPPED);
	assert_int_equal(takt_mutex_lock_until(&mutex, sync_much_later(), &owner_died), TAKT_STOPPED);
	atomic_store(&node->quit_wanted, 0);
	takt_mutex_detach(&other);
	takt_mutex_detach(&mutex);
	takt_semaphore_detach(&semaphore);
}

static unsigned posted_for_nothing;

static enum takt_status post_oneself(void *context)
{
	struct takt_waiter *waiter = context;

	posted_for_nothing++;
	takt_os_sem_post(&waiter->shared->wake);
	return TAKT_BUSY;
}

/* Somebody posts for nothing, again and again: it costs a slice's delay and no processor time. */
static void wakeups_for_nothing_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(takt_semaphore_attach(&semaphore, &sync_waiters[0], "bell"), TAKT_OK);
	uint64_t began_ns = takt_os_clock_now_ns();
	assert_int_equal(takt_sleep_until(&sync_waiters[0], &semaphore.sync.shared->mask, post_oneself,
					  &sync_waiters[0], began_ns + SYNC_SLICE_NS),
			 TAKT_TIMEOUT);
	assert_true(takt_os_clock_now_ns() - began_ns >= SYNC_SLICE_NS);
	assert_in_range(posted_for_nothing, TAKT_WAITER_COUNT_MAX, 4 * TAKT_WAITER_COUNT_MAX);
	takt_semaphore_detach(&semaphore);
}

static void a_node_that_has_left_attaches_nothing(void **state)
{
	static struct takt_rwlock none;
	static struct takt_mutex nothing;

	(void)state;
	assert_int_equal(takt_rwlock_unlock(&none), TAKT_CLOSED);
	takt_mutex_unlock(&nothing);
	takt_node_leave(sync_waiters[0].node);
	assert_int_equal(takt_mutex_attach(&mutex, &sync_waiters[0], "door"), TAKT_CLOSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(objects_are_made_once_and_cleaned, fixture_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(another_config_is_refused_by_the_first_difference, fixture_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(only_who_lists_it_may_attach_and_only_as_its_kind, sync_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_waiter_has_one_handle_of_an_object, sync_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(in_a_forks_child_all_handles_are_closed_and_the_parents_stay,
						sync_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_attached_is_closed, sync_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_segment_that_is_cut_off_is_told_once_and_survived, sync_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(
			an_object_that_somebody_removed_is_made_again_and_a_missing_presence_file_is_told, sync_set_up,
			fixture_tear_down),
		cmocka_unit_test_setup_teardown(no_node_has_more_than_its_number_of_handles, sync_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_foreign_segment_under_the_name_is_refused, sync_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_lock_that_is_held_is_waited_for_no_longer_than_the_bound, sync_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(who_is_asked_to_end_waits_no_longer, sync_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(wakeups_for_nothing_are_bounded, sync_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_node_that_has_left_attaches_nothing, sync_set_up, fixture_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
