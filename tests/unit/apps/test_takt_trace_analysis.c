/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up events whose figures are known exactly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/trace_analysis.h"
#include "apps/takt/trace_story.h"

#define US     1000u
#define MS     1000000u
#define DOMAIN 0xabcdu

enum { SENSOR = 0, CONTROLLER = 1, MOTOR_NODE = 2 };
enum { IMU = 0, MOTOR = 1, WHEELS = 2 };

static struct trace_analysis *analysis;

static int set_up(void **state)
{
	(void)state;
	analysis = trace_analysis_new(&(struct trace_analysis_options){.worst_count = 10});
	return analysis == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	trace_analysis_free(analysis);
	return 0;
}

static void add(struct trace_event event)
{
	event.domain = DOMAIN;
	trace_analysis_add(analysis, &event);
}

static void describe(void)
{
	static const char *const nodes[] = {"sensor", "controller", "motor_node"};
	static const char *const topics[] = {"imu", "motor", "wheels"};
	add((struct trace_event){.kind = TRACE_DOMAIN_DESCRIBED, .described = {.name = "robot"}});
	for (uint32_t i = 0; i < 3; i++) {
		add((struct trace_event){.kind = TRACE_NODE_DESCRIBED,
					 .described = {.described = i, .name = nodes[i], .period_us = 1000}});
		add((struct trace_event){.kind = TRACE_TOPIC_DESCRIBED,
					 .described = {.topic = i, .name = topics[i], .type = "t"}});
	}
}

static void publish(uint64_t node, uint64_t topic, uint64_t number, uint64_t at_ns, uint64_t told_ns,
		    uint64_t origin_topic, uint64_t origin_number, uint64_t origin_ns)
{
	add((struct trace_event){.kind = TRACE_SAMPLE_PUBLISHED,
				 .time_ns = told_ns,
				 .node = node,
				 .sample = {.topic = topic,
					    .number = number,
					    .publish_ns = at_ns,
					    .origin_topic = origin_topic,
					    .origin_number = origin_number,
					    .origin_ns = origin_ns}});
}

static void publish_first(uint64_t node, uint64_t topic, uint64_t number, uint64_t at_ns)
{
	publish(node, topic, number, at_ns, at_ns + US, topic, number, at_ns);
}

static void read_sample(uint64_t node, uint64_t topic, uint64_t number, uint64_t publish_ns, uint64_t read_ns,
			uint64_t origin_topic, uint64_t origin_number, uint64_t origin_ns)
{
	add((struct trace_event){.kind = TRACE_SAMPLE_READ,
				 .time_ns = read_ns,
				 .node = node,
				 .cycle = number,
				 .sample = {.topic = topic,
					    .number = number,
					    .publish_ns = publish_ns,
					    .read_ns = read_ns,
					    .origin_topic = origin_topic,
					    .origin_number = origin_number,
					    .origin_ns = origin_ns}});
}

static void wake(uint64_t node, uint64_t topic, uint64_t number, uint64_t began_ns, uint64_t woken_ns)
{
	add((struct trace_event){
		.kind = TRACE_READER_WOKEN,
		.time_ns = woken_ns,
		.node = node,
		.wait = {.began_ns = began_ns, .woken_ns = woken_ns, .topic = topic, .number = number}});
}

static void begin(uint64_t node, uint64_t cycle, uint64_t cause, uint64_t due_ns, uint64_t begin_ns)
{
	add((struct trace_event){.kind = TRACE_CYCLE_BEGUN,
				 .time_ns = begin_ns,
				 .node = node,
				 .cycle = cycle,
				 .thread = 100 + node,
				 .cycles = {.cause = cause, .due_ns = due_ns, .begin_ns = begin_ns}});
}

static void end(uint64_t node, uint64_t cycle, uint64_t begin_ns, uint64_t end_ns, uint64_t switches)
{
	add((struct trace_event){.kind = TRACE_CYCLE_ENDED,
				 .time_ns = end_ns,
				 .node = node,
				 .cycle = cycle,
				 .cycles = {.begin_ns = begin_ns, .end_ns = end_ns, .switches = switches}});
}

static void run_switch(uint64_t at_ns, uint64_t from, const char *from_name, uint64_t to, const char *to_name)
{
	add((struct trace_event){.kind = TRACE_SCHED_SWITCH,
				 .time_ns = at_ns,
				 .cpu = 1,
				 .sched = {.previous_thread = from,
					   .previous_name = from_name,
					   .next_thread = to,
					   .next_name = to_name}});
}

static const struct trace_hop *hop(uint32_t topic, uint32_t reader)
{
	for (uint32_t i = 0; i < analysis->hop_count; i++)
		if (analysis->hops[i]->topic == topic && analysis->hops[i]->reader == reader)
			return analysis->hops[i];
	fail_msg("no hop of topic %u to node %u", topic, reader);
	return NULL;
}

/* One round: sensor's imu wakes the controller, which answers with motor, which the motor's node reads. `told_late` is by how much later
 * than its reader each publisher tells of its publish. */
static void run_round(uint64_t number, uint64_t told_late_ns)
{
	uint64_t t = number * MS;
	begin(CONTROLLER, number, TRACE_CAUSE_NEWS, t, t + 110 * US);
	read_sample(CONTROLLER, IMU, number, t, t + 120 * US, IMU, number, t - 20 * US);
	publish(SENSOR, IMU, number, t, t + 130 * US + told_late_ns, IMU, number, t - 20 * US);
	publish(CONTROLLER, MOTOR, number, t + 150 * US, t + 155 * US, IMU, number, t - 20 * US);
	end(CONTROLLER, number, t + 110 * US, t + 160 * US, 0);
	read_sample(MOTOR_NODE, MOTOR, number, t + 150 * US, t + 250 * US, IMU, number, t - 20 * US);
}

static void a_hop_is_split_exactly(void **state)
{
	(void)state;
	describe();
	for (uint64_t number = 1; number <= 100; number++) {
		wake(CONTROLLER, IMU, number, number * MS - 500 * US, number * MS + 100 * US);
		run_round(number, 0);
	}
	trace_analysis_finish(analysis);
	const struct trace_hop *imu = hop(IMU, CONTROLLER);
	assert_int_equal(imu->read_count, 100);
	assert_int_equal(imu->age_ns.max, 120 * US);
	assert_int_equal(imu->age_ns.min, 120 * US);
	assert_int_equal(imu->stages_ns[TRACE_PUBLISH_TO_WAKE].count, 100);
	assert_int_equal(imu->stages_ns[TRACE_PUBLISH_TO_WAKE].max, 100 * US);
	assert_int_equal(imu->stages_ns[TRACE_WAKE_TO_READ].max, 20 * US);
	assert_int_equal(imu->stages_ns[TRACE_READ_TO_HANDLED].count, 100);
	assert_int_equal(imu->stages_ns[TRACE_READ_TO_HANDLED].max, 30 * US);
	assert_int_equal(imu->stages_ns[TRACE_HANDLED_TO_PUBLISHED].max, 5 * US);
	/* The parts make the whole: to the read, and from there to who is woken next. */
	assert_int_equal(imu->stages_ns[TRACE_PUBLISH_TO_WAKE].sum + imu->stages_ns[TRACE_WAKE_TO_READ].sum,
			 imu->age_ns.sum);
}

static void a_reader_that_was_awake_has_no_wake_part(void **state)
{
	(void)state;
	/* It was woken before the sample was published. */
	wake(CONTROLLER, IMU, 1, MS, 2 * MS);
	read_sample(CONTROLLER, IMU, 2, 2 * MS + 10 * US, 2 * MS + 40 * US, IMU, 2, 2 * MS);
	const struct trace_hop *imu = hop(IMU, CONTROLLER);
	assert_int_equal(imu->stages_ns[TRACE_PUBLISH_TO_WAKE].count, 0);
	assert_int_equal(imu->age_ns.max, 30 * US);
	/* It had been published before the reader fell asleep, which was woken by something else. */
	wake(CONTROLLER, WHEELS, 1, 4 * MS, 5 * MS);
	read_sample(CONTROLLER, IMU, 3, 3 * MS, 5 * MS + 10 * US, IMU, 3, 3 * MS);
	assert_int_equal(imu->read_count, 2);
	assert_int_equal(imu->stages_ns[TRACE_PUBLISH_TO_WAKE].count, 0);
}

static void an_answer_belongs_to_the_sample_that_it_names(void **state)
{
	(void)state;
	publish_first(SENSOR, IMU, 1, MS);
	publish_first(SENSOR, IMU, 2, 2 * MS);
	read_sample(CONTROLLER, IMU, 1, MS, 3 * MS, IMU, 1, MS);
	read_sample(CONTROLLER, IMU, 2, 2 * MS, 3 * MS + 10 * US, IMU, 2, 2 * MS);
	publish(CONTROLLER, MOTOR, 1, 3 * MS + 50 * US, 3 * MS + 60 * US, IMU, 1, MS);
	const struct trace_slot *motor = trace_slot_find(analysis, 0, MOTOR, 1);
	assert_non_null(motor);
	assert_int_equal(motor->parent_topic, IMU);
	assert_int_equal(motor->parent_number, 1);
	assert_int_equal(hop(IMU, CONTROLLER)->stages_ns[TRACE_READ_TO_HANDLED].count, 1);
	assert_int_equal(hop(IMU, CONTROLLER)->stages_ns[TRACE_READ_TO_HANDLED].max, 50 * US);
}

static void a_publisher_that_tells_behind_its_reader_is_waited_for(void **state)
{
	(void)state;
	publish_first(SENSOR, IMU, 1, MS);
	read_sample(CONTROLLER, IMU, 1, MS, 2 * MS, IMU, 1, MS);
	read_sample(MOTOR_NODE, MOTOR, 1, 3 * MS, 4 * MS, IMU, 1, MS);
	publish_first(SENSOR, IMU, 2, 5 * MS);
	publish(CONTROLLER, MOTOR, 1, 3 * MS, 24 * MS, IMU, 1, MS);
	trace_analysis_finish(analysis);
	assert_int_equal(analysis->unlinked_count, 0);
	assert_int_equal(analysis->chain_count, 1);
	assert_int_equal(analysis->chains[0]->total_ns.max, 3 * MS);
}

static void a_chain_is_followed_by_its_origin_even_where_the_publisher_tells_late(void **state)
{
	char text[200];
	(void)state;
	describe();
	for (uint64_t number = 1; number <= 50; number++)
		run_round(number, number % 2 ? 0 : 20 * MS);
	trace_analysis_finish(analysis);
	assert_int_equal(analysis->unlinked_count, 0);
	assert_int_equal(analysis->chain_count, 1);
	assert_int_equal(analysis->chains[0]->total_ns.count, 50);
	assert_int_equal(analysis->chains[0]->total_ns.min, 270 * US);
	assert_int_equal(analysis->chains[0]->total_ns.max, 270 * US);
	trace_chain_text(analysis, analysis->chains[0], text, sizeof(text));
	assert_string_equal(text, "sensor > imu > controller > motor > motor_node");
}

/* The same time and numbers, and no origin: time alone makes no chain. */
static void samples_without_an_origin_make_no_chain(void **state)
{
	(void)state;
	for (uint64_t number = 1; number <= 50; number++) {
		publish_first(SENSOR, IMU, number, number * MS);
		read_sample(CONTROLLER, IMU, number, number * MS, number * MS + 10 * US, IMU, number, number * MS);
		publish_first(CONTROLLER, MOTOR, number, number * MS + 20 * US);
		read_sample(MOTOR_NODE, MOTOR, number, number * MS + 20 * US, number * MS + 30 * US, MOTOR, number,
			    number * MS + 20 * US);
	}
	trace_analysis_finish(analysis);
	assert_int_equal(analysis->chain_count, 0);
	assert_int_equal(hop(MOTOR, MOTOR_NODE)->read_count, 50);
}

static void a_read_whose_publish_is_not_in_the_trace_is_counted(void **state)
{
	(void)state;
	read_sample(MOTOR_NODE, MOTOR, 7, 8 * MS, 9 * MS, IMU, 7, 7 * MS);
	trace_analysis_finish(analysis);
	assert_int_equal(analysis->chain_count, 0);
	assert_int_equal(analysis->unlinked_count, 1);
	assert_int_equal(hop(MOTOR, MOTOR_NODE)->origin_ns.max, 2 * MS);
}

static void lost_samples_are_counted_once_and_on_their_chain(void **state)
{
	(void)state;
	describe();
	run_round(1, 0);
	add((struct trace_event){.kind = TRACE_SAMPLES_LOST,
				 .time_ns = 2 * MS,
				 .node = CONTROLLER,
				 .lost = {.topic = IMU, .first = 2, .count = 17}});
	run_round(19, 0);
	trace_analysis_finish(analysis);
	assert_int_equal(hop(IMU, CONTROLLER)->lost_count, 17);
	assert_int_equal(hop(MOTOR, MOTOR_NODE)->lost_count, 0);
	assert_int_equal(trace_chain_lost(analysis, analysis->chains[0]), 17);
}

/* ------------------------------------------------------------------------------------------------------- cycles */

static void run_periodic(uint64_t cycle_count, uint64_t slow_cycle, uint64_t slow_ns)
{
	describe();
	for (uint64_t cycle = 1; cycle <= cycle_count; cycle++) {
		uint64_t due = cycle * 10 * MS;
		uint64_t begin_ns = due + 50 * US + cycle % 2 * 10 * US;
		uint64_t work_ns = 100 * US + (cycle == slow_cycle ? slow_ns : 0);
		begin(SENSOR, cycle, TRACE_CAUSE_PERIOD, due, begin_ns);
		publish_first(SENSOR, IMU, 2 * cycle, begin_ns + 10 * US);
		publish_first(SENSOR, IMU, 2 * cycle + 1, begin_ns + 10 * US + work_ns);
		end(SENSOR, cycle, begin_ns, begin_ns + 20 * US + work_ns, 0);
	}
}

static void the_slow_cycle_is_the_worst_and_says_where_it_was_slow(void **state)
{
	const struct trace_worst **worst;
	char cause[TRACE_CAUSE_BYTES];
	(void)state;
	run_periodic(300, 100, 5 * MS);
	assert_int_equal(trace_worst_gather(analysis, 3, &worst), 3);
	assert_int_equal(worst[0]->cycle, 100);
	assert_int_equal(trace_worst_took_ns(worst[0]), 50 * US + 5 * MS + 120 * US);
	trace_story_cause(analysis, worst[0], cause);
	assert_string_equal(cause,
			    "ran 5.12 ms, usually 123 us: 5.10 ms of it between publishing imu #200 and publishing imu "
			    "#201; the processor was never taken from it: it computed or slept itself");
	free(worst);
	const struct trace_loop *loop = analysis->loops[0];
	assert_int_equal(loop->jitter_ns.count, 299);
	assert_int_equal(loop->jitter_ns.max, 10 * US);
	assert_int_equal(loop->run_ns.max, 5 * MS + 120 * US);
	assert_int_equal(loop->late_ns.max, 60 * US);
	assert_int_equal(loop->late_ns.min, 50 * US);
}

/* A node with long cycles does not hide one of a node with short ones. */
static void worst_is_beside_what_is_usual(void **state)
{
	const struct trace_worst **worst;
	(void)state;
	for (uint64_t cycle = 1; cycle <= 100; cycle++) {
		begin(CONTROLLER, cycle, TRACE_CAUSE_PERIOD, cycle * 10 * MS, cycle * 10 * MS);
		end(CONTROLLER, cycle, cycle * 10 * MS, cycle * 10 * MS + 4 * MS, 0);
	}
	run_periodic(50, 25, MS);
	assert_int_equal(trace_worst_gather(analysis, 1, &worst), 1);
	assert_int_equal(analysis->loops[worst[0]->loop]->node, SENSOR);
	assert_int_equal(worst[0]->cycle, 25);
	free(worst);
}

static void a_late_wake_up_is_told_with_the_kernels_word(void **state)
{
	const struct trace_worst **worst;
	char cause[TRACE_CAUSE_BYTES];
	(void)state;
	describe();
	for (uint64_t number = 1; number <= 20; number++) {
		uint64_t t = number * MS * 10;
		uint64_t late = number == 12 ? 1700 * US : 0;
		publish_first(SENSOR, IMU, number, t);
		if (late) {
			run_switch(t + 20 * US, 100 + CONTROLLER, "controller", 77, "stress");
			run_switch(t + 20 * US + late, 77, "stress", 100 + CONTROLLER, "controller");
		}
		wake(CONTROLLER, IMU, number, t - MS, t + 50 * US + late);
		begin(CONTROLLER, number, TRACE_CAUSE_NEWS, t, t + 60 * US + late);
		read_sample(CONTROLLER, IMU, number, t, t + 70 * US + late, IMU, number, t);
		end(CONTROLLER, number, t + 60 * US + late, t + 80 * US + late, late ? 1 : 0);
	}
	assert_int_equal(trace_worst_gather(analysis, 1, &worst), 1);
	assert_int_equal(worst[0]->cycle, 12);
	trace_story_cause(analysis, worst[0], cause);
	assert_string_equal(
		cause,
		"began 1.76 ms late, usually 61.4 us: 1.75 ms of it between the post of imu #12 by sensor and the "
		"wake-up, 10.0 us from there to its begin; the kernel ran 'stress' for 1.70 ms of it; the "
		"processor was taken from it 1 time");
	free(worst);
}

static void a_cycle_behind_a_long_one_names_it(void **state)
{
	const struct trace_worst **worst;
	char cause[TRACE_CAUSE_BYTES];
	(void)state;
	for (uint64_t cycle = 1; cycle <= 30; cycle++) {
		uint64_t due = cycle * MS;
		uint64_t begin_ns = cycle == 11 ? due + 600 * US : due;
		uint64_t end_ns = cycle == 10 ? due + MS + 500 * US : begin_ns + 10 * US;
		begin(SENSOR, cycle, TRACE_CAUSE_PERIOD, due, begin_ns);
		end(SENSOR, cycle, begin_ns, end_ns, 0);
	}
	assert_int_equal(trace_worst_gather(analysis, 2, &worst), 2);
	assert_int_equal(worst[0]->cycle, 10);
	assert_int_equal(worst[1]->cycle, 11);
	trace_story_cause(analysis, worst[1], cause);
	assert_non_null(strstr(cause, "the cycle before it ran until 500 us after this one was due"));
	free(worst);
}

static void waits_for_locks_are_the_nodes_and_the_cycles(void **state)
{
	const struct trace_worst **worst;
	char cause[TRACE_CAUSE_BYTES];
	(void)state;
	for (uint64_t cycle = 1; cycle <= 30; cycle++) {
		uint64_t due = cycle * 10 * MS;
		uint64_t wait_ns = cycle == 7 ? 2 * MS : 0;
		begin(SENSOR, cycle, TRACE_CAUSE_PERIOD, due, due);
		if (wait_ns)
			add((struct trace_event){
				.kind = TRACE_LOCK_WAITED,
				.time_ns = due + wait_ns + US,
				.node = SENSOR,
				.lock = {.topic = IMU, .began_ns = due + US, .ended_ns = due + US + wait_ns}});
		end(SENSOR, cycle, due, due + 10 * US + wait_ns, 0);
	}
	assert_int_equal(analysis->loops[0]->lock_wait_ns.count, 1);
	assert_int_equal(analysis->loops[0]->lock_wait_ns.sum, 2 * MS);
	assert_int_equal(trace_worst_gather(analysis, 1, &worst), 1);
	assert_int_equal(worst[0]->cycle, 7);
	trace_story_cause(analysis, worst[0], cause);
	assert_non_null(strstr(cause, "it waited 2.00 ms for a lock"));
	assert_null(strstr(cause, "computed or slept itself"));
	free(worst);
}

/* ------------------------------------------------------------------------------------------------------- accounts */

static void dump_subscription(uint64_t at_ns, uint64_t got, uint64_t lost, enum trace_dump cause)
{
	add((struct trace_event){.kind = TRACE_SUBSCRIPTION_DESCRIBED,
				 .time_ns = at_ns,
				 .node = CONTROLLER,
				 .described = {.topic = IMU, .got = got, .lost = lost}});
	add((struct trace_event){
		.kind = TRACE_STATE_DUMPED, .time_ns = at_ns, .node = CONTROLLER, .described = {.cause = cause}});
}

static void what_was_traced_is_held_against_what_was_counted(void **state)
{
	(void)state;
	dump_subscription(0, 0, 0, TRACE_DUMP_JOIN);
	for (uint64_t number = 1; number <= 40; number++)
		read_sample(CONTROLLER, IMU, number, number * MS, number * MS + US, IMU, number, number * MS);
	dump_subscription(50 * MS, 41, 3, TRACE_DUMP_LEAVE);
	const struct trace_account *account = &analysis->accounts[0];
	assert_int_equal(analysis->account_count, 1);
	assert_true(account->is_whole && account->is_final);
	assert_int_equal(account->traced_at_dump[TRACE_GOT], 40);
	assert_int_equal(account->counted[TRACE_GOT], 41);
	assert_int_equal(account->counted[TRACE_LOST], 3);
	assert_int_equal(account->traced_at_dump[TRACE_LOST], 0);
}

static void counters_of_a_second_life_are_added(void **state)
{
	(void)state;
	dump_subscription(0, 0, 0, TRACE_DUMP_JOIN);
	dump_subscription(10 * MS, 100, 5, TRACE_DUMP_LEAVE);
	dump_subscription(20 * MS, 0, 0, TRACE_DUMP_JOIN);
	dump_subscription(30 * MS, 60, 1, TRACE_DUMP_LEAVE);
	assert_int_equal(analysis->accounts[0].counted[TRACE_GOT], 160);
	assert_int_equal(analysis->accounts[0].counted[TRACE_LOST], 6);
}

static void a_session_that_began_later_is_not_called_exact(void **state)
{
	(void)state;
	/* It is counted already by what is dumped behind it. */
	read_sample(CONTROLLER, IMU, 500, 0, 1, IMU, 500, 0);
	dump_subscription(2, 500, 0, TRACE_DUMP_SESSION);
	read_sample(CONTROLLER, IMU, 501, MS, MS + US, IMU, 501, MS);
	dump_subscription(10 * MS, 501, 0, TRACE_DUMP_LEAVE);
	assert_int_equal(analysis->accounts[0].counted[TRACE_GOT], 1);
	assert_int_equal(analysis->accounts[0].traced_at_dump[TRACE_GOT], 1);
	assert_false(analysis->accounts[0].is_whole);
}

/* ------------------------------------------------------------------------------------------------------- bounds */

/* What damage makes of numbers: nothing is kept of what has no room, and nothing is followed. */
static void wild_numbers_do_no_harm(void **state)
{
	uint64_t seed = 1;
	(void)state;
	for (uint32_t i = 0; i < 200000; i++) {
		struct trace_event event = {.kind = TRACE_SAMPLE_LOANED};
		unsigned char *bytes = (unsigned char *)&event + offsetof(struct trace_event, time_ns);
		size_t count = sizeof(event) - offsetof(struct trace_event, time_ns);
		for (size_t k = 0; k + 8 <= count; k += 8) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			/* Small numbers, the edges of tables, and anything. */
			uint64_t number = seed >> 62 == 0   ? seed >> 33 & 7
					  : seed >> 62 == 1 ? 1024 - (seed >> 40 & 3)
					  : seed >> 62 == 2 ? UINT16_MAX
							    : seed;
			memcpy(bytes + k, &number, 8);
		}
		event.kind = (enum trace_kind)(1 + (seed >> 32) % (TRACE_KIND_COUNT - 1));
		event.domain = seed >> 40 & 15;
		if (event.kind >= TRACE_COMMAND_RECEIVED && event.kind <= TRACE_PARAMETERS_SWAPPED)
			event.command.verb = event.command.text = "verb";
		if (event.kind >= TRACE_NODE_JOINED && event.kind <= TRACE_NODE_FOUND_DEAD)
			event.nodes.name = "name";
		if (event.kind >= TRACE_DOMAIN_DESCRIBED && event.kind <= TRACE_STATE_DUMPED)
			event.described.name = event.described.type =
				"a name that is much longer than any name of takt's is";
		if (event.kind >= TRACE_SCHED_SWITCH)
			event.sched.previous_name = event.sched.next_name = "comm";
		trace_analysis_add(analysis, &event);
	}
	trace_analysis_finish(analysis);
	const struct trace_worst **worst;
	char text[TRACE_CAUSE_BYTES];
	uint32_t count = trace_worst_gather(analysis, 100, &worst);
	for (uint32_t i = 0; i < count; i++) {
		trace_story_cause(analysis, worst[i], text);
		for (uint32_t k = 0; k < worst[i]->point_count; k++)
			trace_story_step(analysis, worst[i], &worst[i]->points[k], text);
	}
	free(worst);
	assert_int_equal(analysis->domain_count, TRACE_DOMAINS_MAX);
	assert_true(analysis->no_room_count > 0);
}

static void a_long_story_keeps_both_ends(void **state)
{
	(void)state;
	begin(SENSOR, 1, TRACE_CAUSE_PERIOD, MS, MS);
	for (uint64_t number = 1; number <= 200; number++)
		publish_first(SENSOR, IMU, number, MS + number * US);
	end(SENSOR, 1, MS, 2 * MS, 0);
	const struct trace_worst *worst = &analysis->loops[0]->worst[0];
	assert_int_equal(worst->point_count, TRACE_POINTS_MAX);
	assert_int_equal(worst->points_left_out, 200 - TRACE_POINTS_MAX);
	assert_int_equal(worst->points[0].number, 1);
	assert_int_equal(worst->points[TRACE_POINTS_MAX - 1].number, 200);
}

static void spans_are_written_with_their_unit(void **state)
{
	char text[24];
	(void)state;
	assert_string_equal(trace_span_text(0, text), "0 ns");
	assert_string_equal(trace_span_text(999, text), "999 ns");
	assert_string_equal(trace_span_text(1000, text), "1.00 us");
	assert_string_equal(trace_span_text(1700000, text), "1.70 ms");
	assert_string_equal(trace_span_text(61200, text), "61.2 us");
	assert_string_equal(trace_span_text(451234, text), "451 us");
	assert_string_equal(trace_span_text(5000000000u, text), "5.00 s");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hop_is_split_exactly),
		TEST(a_reader_that_was_awake_has_no_wake_part),
		TEST(an_answer_belongs_to_the_sample_that_it_names),
		TEST(a_publisher_that_tells_behind_its_reader_is_waited_for),
		TEST(a_chain_is_followed_by_its_origin_even_where_the_publisher_tells_late),
		TEST(samples_without_an_origin_make_no_chain),
		TEST(a_read_whose_publish_is_not_in_the_trace_is_counted),
		TEST(lost_samples_are_counted_once_and_on_their_chain),
		TEST(the_slow_cycle_is_the_worst_and_says_where_it_was_slow),
		TEST(worst_is_beside_what_is_usual),
		TEST(a_late_wake_up_is_told_with_the_kernels_word),
		TEST(a_cycle_behind_a_long_one_names_it),
		TEST(waits_for_locks_are_the_nodes_and_the_cycles),
		TEST(what_was_traced_is_held_against_what_was_counted),
		TEST(counters_of_a_second_life_are_added),
		TEST(a_session_that_began_later_is_not_called_exact),
		TEST(wild_numbers_do_no_harm),
		TEST(a_long_story_keeps_both_ends),
		TEST(spans_are_written_with_their_unit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
