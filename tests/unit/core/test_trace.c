/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events without a session daemon: the test connects its own probes, as LTTng would connect those of a session. Only in builds with
 * tracing.
 */
#define TAKT_TRACING
#include "tests/unit/core/domain_fixture.h"

#include <dlfcn.h>

#include "core/loop.h"
#include "core/topic.h"
#include "core/trace.h"
#include "core/trace_state.h"
#include "core/waiter.h"
#include "platform/thread.h"

static const char text[] = "domain: test\n"
			   "topics:\n"
			   "  - {name: imu, type: beat, bytes: 8, loans: 1, borrows: 1}\n"
			   "  - {name: shared, type: beat, bytes: 8, publishers: 2}\n"
			   "nodes:\n"
			   "  - {name: sensor, program: x, publishes: [imu, shared]}\n"
			   "  - {name: logger, program: x, subscribes: [imu, shared]}\n";

struct beat {
	uint64_t count;
};
TAKT_TYPE(beat, struct beat, TAKT_FIELD(struct beat, count, TAKT_U64, 1, ""));

typedef int connect_function(const char *provider, const char *event, void (*probe)(void), void *data,
			     const char *signature);
typedef int disconnect_function(const char *provider, const char *event, void (*probe)(void), void *data);

static struct takt_publisher publisher;
static struct takt_subscriber subscriber;
static struct takt_waiter waiter;

/* What the probes have seen. */
static struct {
	struct takt_trace_place at;
	struct takt_trace_publish publish;
	struct takt_trace_lock lock;
	struct takt_trace_wait wait;
	struct takt_sample_info info;
	uint32_t published, read, released, woken, slot, lent, lock_was_free;
} seen;

static void see_published(void *data, const struct takt_trace_place *at, const struct takt_trace_publish *publish)
{
	(void)data;
	seen.at = *at;
	seen.publish = *publish;
	seen.published++;
	seen.lock_was_free = !publisher.is_shared || takt_lock_owner(&publisher.lock) == 0;
}

static void see_read(void *data, const struct takt_trace_place *at, uint32_t topic_index,
		     const struct takt_sample_info *info, uint32_t pin)
{
	(void)data, (void)topic_index, (void)pin;
	seen.at = *at;
	seen.info = *info;
	seen.read++;
}

static void see_released(void *data, const struct takt_trace_place *at, const struct takt_trace_lock *lock)
{
	(void)data, (void)at;
	seen.lock = *lock;
	seen.released++;
	seen.lock_was_free = takt_lock_owner(&publisher.lock) == 0;
}

static void see_woken(void *data, const struct takt_trace_place *at, const struct takt_trace_wait *wait)
{
	(void)data, (void)at;
	seen.wait = *wait;
	seen.woken++;
}

static void see_loaned(void *data, const struct takt_trace_place *at, uint32_t topic_index, uint32_t slot_index)
{
	(void)data, (void)at, (void)topic_index;
	seen.slot = slot_index;
	seen.lent++;
}

static const struct {
	struct lttng_ust_tracepoint *point;
	void (*probe)(void);
} probes[] = {
	{&lttng_ust_tracepoint_takt___sample_published, (void (*)(void))see_published},
	{&lttng_ust_tracepoint_takt___sample_read, (void (*)(void))see_read},
	{&lttng_ust_tracepoint_takt___lock_released, (void (*)(void))see_released},
	{&lttng_ust_tracepoint_takt___reader_woken, (void (*)(void))see_woken},
	{&lttng_ust_tracepoint_takt___sample_loaned, (void (*)(void))see_loaned},
};

static void *tracepoints(void)
{
	/* Not loaded by the test: the tracepoints' own constructor has it where it is installed. */
	return dlopen("liblttng-ust-tracepoint.so.1", RTLD_NOW | RTLD_NOLOAD);
}

static void listen(void)
{
	void *library = tracepoints();
	connect_function *connect_probe;

	if (library == NULL)
		skip();
	*(void **)&connect_probe = dlsym(library, "lttng_ust_tracepoint_provider_register");
	assert_non_null(connect_probe);
	memset(&seen, 0, sizeof(seen));
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		assert_int_equal(connect_probe("takt", probes[i].point->event_name, probes[i].probe, NULL,
					       probes[i].point->signature),
				 0);
}

static void listen_no_more(void)
{
	disconnect_function *disconnect_probe;

	*(void **)&disconnect_probe = dlsym(tracepoints(), "lttng_ust_tracepoint_provider_unregister");
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		assert_int_equal(disconnect_probe("takt", probes[i].point->event_name, probes[i].probe, NULL), 0);
}

static int trace_set_up(void **state)
{
	(void)setenv("LTTNG_UST_REGISTER_TIMEOUT", "0", 1);
	if (fixture_set_up(state) != 0)
		return -1;
	(void)fixture_config(text);
	return 0;
}

static void a_publish_is_told_with_what_readers_see(void **state)
{
	struct takt_node *sensor = fixture_join("sensor");
	struct takt_node *logger = fixture_join("logger");
	struct beat beat = {7};
	struct takt_origin origin = {.topic_index = 1, .number = 41, .time_ns = 123};

	(void)state;
	assert_int_equal(takt_publisher_attach(&publisher, sensor, "imu", &takt_type_beat), TAKT_OK);
	assert_int_equal(takt_subscriber_attach(&subscriber, logger, "imu", &takt_type_beat, NULL), TAKT_OK);
	assert_int_equal(takt_publish(&publisher, &beat, NULL), TAKT_OK);
	listen();
	uint32_t slot_index = publisher.slot_index;
	assert_int_equal(takt_publish(&publisher, &beat, &origin), TAKT_OK);
	assert_int_equal(seen.published, 1);
	assert_true(seen.at.domain == sensor->domain.instance);
	assert_int_equal(seen.at.node, 0);
	assert_int_equal(seen.at.loop, TAKT_TRACE_NO_LOOP);
	assert_int_equal(seen.at.cycle, 0);
	assert_int_equal(seen.publish.topic, 0);
	assert_int_equal(seen.publish.slot, slot_index);
	assert_int_equal(seen.publish.header.number, 2);
	assert_int_equal(seen.publish.header.origin.number, 41);
	assert_int_equal(seen.publish.woken, 0);

	struct takt_sample_info info;
	assert_int_equal(takt_read_latest(&subscriber, &beat, &info), TAKT_OK);
	assert_int_equal(seen.read, 1);
	assert_int_equal(seen.at.node, 1);
	assert_int_equal(seen.info.number, 2);
	assert_true(seen.info.publish_ns == seen.publish.header.publish_ns);
	assert_true(seen.info.read_ns == info.read_ns && info.read_ns != 0);
	assert_int_equal(seen.info.skipped, info.skipped);
	listen_no_more();
	assert_int_equal(takt_publish(&publisher, &beat, NULL), TAKT_OK);
	assert_int_equal(seen.published, 1);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
}

/* A reader that does not read the clock: the event has the time all the same, and the caller is told none. */
static void an_unmeasured_read_is_told_with_its_time(void **state)
{
	struct takt_node *sensor = fixture_join("sensor");
	struct takt_node *logger = fixture_join("logger");
	struct beat beat = {7};
	struct takt_sample_info info;

	(void)state;
	assert_int_equal(takt_publisher_attach(&publisher, sensor, "imu", &takt_type_beat), TAKT_OK);
	assert_int_equal(takt_subscriber_attach(&subscriber, logger, "imu", &takt_type_beat,
						&(struct takt_subscriber_options){.unmeasured = 1}),
			 TAKT_OK);
	listen();
	assert_int_equal(takt_publish(&publisher, &beat, NULL), TAKT_OK);
	assert_int_equal(takt_read_next(&subscriber, &beat, &info), TAKT_OK);
	listen_no_more();
	assert_true(info.read_ns == 0);
	assert_true(seen.info.read_ns >= seen.publish.header.publish_ns);
	takt_publisher_detach(&publisher);
	takt_subscriber_detach(&subscriber);
}

static void what_happens_under_a_lock_is_told_behind_it(void **state)
{
	struct takt_node *sensor = fixture_join("sensor");
	struct beat beat = {7};

	(void)state;
	assert_int_equal(takt_publisher_attach(&publisher, sensor, "shared", &takt_type_beat), TAKT_OK);
	listen();
	assert_int_equal(takt_publish(&publisher, &beat, NULL), TAKT_OK);
	assert_int_equal(seen.released, 1);
	assert_int_equal(seen.published, 1);
	assert_int_equal(seen.lock_was_free, 1);
	assert_int_equal(seen.publish.header.number, 1);
	assert_true(seen.lock.taken_ns <= seen.publish.header.publish_ns);
	assert_true(seen.publish.header.publish_ns <= seen.lock.released_ns);
	assert_int_equal(seen.lock.turn, publisher.lock.turn_released);
	assert_int_equal(takt_publish(&publisher, &beat, NULL), TAKT_OK);
	assert_int_equal(seen.publish.header.number, 2);
	listen_no_more();
	takt_publisher_detach(&publisher);
}

/* A session that begins under the lock has no number to tell: nothing rather than an old one. */
static void a_publish_that_began_before_the_session_is_not_told(void **state)
{
	struct takt_node *sensor = fixture_join("sensor");
	struct beat beat = {7};

	(void)state;
	assert_int_equal(takt_publisher_attach(&publisher, sensor, "shared", &takt_type_beat), TAKT_OK);
	listen();
	assert_int_equal(takt_publish(&publisher, &beat, NULL), TAKT_OK);
	takt_trace_sample_published(&publisher, publisher.slot, publisher.slot_index, 0, 0);
	assert_int_equal(seen.published, 1);
	listen_no_more();
	takt_publisher_detach(&publisher);
}

static void a_wait_is_told_with_its_cause(void **state)
{
	struct takt_node *logger = fixture_join("logger");

	(void)state;
	assert_int_equal(takt_subscriber_attach(&subscriber, logger, "imu", &takt_type_beat, NULL), TAKT_OK);
	assert_int_equal(takt_waiter_init(&waiter, logger, 0), TAKT_OK);
	assert_int_equal(takt_waiter_add(&waiter, &subscriber), TAKT_OK);
	listen();
	uint64_t began_ns = takt_now_ns();
	assert_int_equal(takt_wait_until(&waiter, began_ns + SHORT_NS), TAKT_TIMEOUT);
	listen_no_more();
	assert_int_equal(seen.woken, 1);
	assert_int_equal(seen.wait.cause, 2);
	assert_int_equal(seen.wait.topic, TAKT_TRACE_NO_TOPIC);
	assert_true(seen.wait.deadline_ns == began_ns + SHORT_NS);
	assert_true(began_ns <= seen.wait.began_ns && seen.wait.began_ns + SHORT_NS / 2 < seen.wait.woken_ns);
	assert_int_equal(seen.wait.waiter, logger->waiter_first);
	takt_subscriber_detach(&subscriber);
}

static void a_loan_is_told_by_the_slot_that_is_published(void **state)
{
	struct takt_node *sensor = fixture_join("sensor");
	struct takt_loan loan;

	(void)state;
	assert_int_equal(takt_publisher_attach(&publisher, sensor, "imu", &takt_type_beat), TAKT_OK);
	listen();
	assert_int_equal(takt_publisher_loan(&publisher, &loan), TAKT_OK);
	assert_int_equal(seen.lent, 1);
	assert_int_equal(takt_publish_loan(&publisher, &loan, NULL), TAKT_OK);
	assert_int_equal(seen.published, 1);
	assert_int_equal(seen.publish.is_loan, 1);
	assert_int_equal(seen.publish.slot, seen.slot);
	listen_no_more();
	takt_publisher_detach(&publisher);
}

/* Where LTTng keeps what the calling thread's first event would allocate; NULL there: it is still to come. */
static void *reader_of_thread(void)
{
	void *library = dlopen("liblttng-ust-common.so.1", RTLD_NOW | RTLD_NOLOAD);
	void **reader = library ? dlsym(library, "lttng_ust_urcu_reader") : NULL;

	return reader ? *reader : NULL;
}

static struct takt_loop loop;
static void *reader_before, *reader_after;

static void run_loop(void *argument)
{
	reader_before = reader_of_thread();
	if (takt_loop_begin(&loop, argument, &(struct takt_loop_options){.period_ns = TAKT_NS_PER_MS}) == TAKT_OK)
		reader_after = reader_of_thread();
	takt_loop_end(&loop);
}

static void a_thread_is_touched_before_its_loop_runs(void **state)
{
	struct takt_os_thread thread = {.handle = {0}};
	struct takt_node *sensor = fixture_join("sensor");

	(void)state;
	if (tracepoints() == NULL)
		skip();
	assert_int_equal(takt_os_thread_start(&thread, "loop", run_loop, sensor), TAKT_OK);
	takt_os_thread_join(&thread);
	assert_null(reader_before);
	assert_non_null(reader_after);
}

/* The child's handles are the parent's: nothing that the parent's threads held at the fork holds the child up. */
static void a_fork_s_child_ends_its_handles(void **state)
{
	struct takt_node *sensor = fixture_join("sensor");
	int end = 0;

	(void)state;
	assert_int_equal(takt_publisher_attach(&publisher, sensor, "imu", &takt_type_beat), TAKT_OK);
	pid_t child = fork();
	if (child == 0) {
		(void)alarm(20);
		takt_publisher_detach(&publisher);
		takt_node_leave(sensor);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &end, 0), child);
	assert_int_equal(end, 0);
	takt_publisher_detach(&publisher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_publish_is_told_with_what_readers_see, trace_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(an_unmeasured_read_is_told_with_its_time, trace_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(what_happens_under_a_lock_is_told_behind_it, trace_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_publish_that_began_before_the_session_is_not_told, trace_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_wait_is_told_with_its_cause, trace_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_thread_is_touched_before_its_loop_runs, trace_set_up,
						fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_fork_s_child_ends_its_handles, trace_set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(a_loan_is_told_by_the_slot_that_is_published, trace_set_up,
						fixture_tear_down),
	};

	/* The descriptors that LTTng keeps are there before a test counts them. */
	(void)setenv("LTTNG_UST_REGISTER_TIMEOUT", "0", 1);
	takt_trace_library_loaded();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
