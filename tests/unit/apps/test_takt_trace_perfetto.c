/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up events, and the lines that must come of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/trace_perfetto.h"

#define FIRST_NS  UINT64_C(31536000000000001) /* a year of uptime: a real number would lose the nanoseconds */
#define DOMAIN	  0xabcdu
#define TEXT_SIZE (1u << 20)

enum { SENSOR = 0, CONTROLLER = 1, IMU = 0 };

static struct trace_analysis *analysis;
static struct trace_perfetto *perfetto;
static struct trace_perfetto_counts counts;
static FILE *file;
static char text[TEXT_SIZE];

static int set_up(void **state)
{
	(void)state;
	static const char *const nodes[] = {"sensor", "cont\"roller\n"};
	analysis = trace_analysis_new(&(struct trace_analysis_options){0});
	file = tmpfile();
	if (analysis == NULL || file == NULL)
		return 1;
	for (uint32_t i = 0; i < 2; i++)
		trace_analysis_add(analysis, &(struct trace_event){.kind = TRACE_NODE_DESCRIBED,
								   .domain = DOMAIN,
								   .described = {.described = i, .name = nodes[i]}});
	trace_analysis_add(analysis, &(struct trace_event){.kind = TRACE_TOPIC_DESCRIBED,
							   .domain = DOMAIN,
							   .described = {.topic = IMU, .name = "imu", .type = "t"}});
	perfetto = trace_perfetto_begin(file, analysis, FIRST_NS);
	return perfetto == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	trace_analysis_free(analysis);
	return fclose(file);
}

static void add(struct trace_event event)
{
	event.domain = DOMAIN;
	event.time_ns += FIRST_NS;
	trace_perfetto_add(perfetto, &event);
}

static void finish(void)
{
	trace_perfetto_end(perfetto, &counts);
	rewind(file);
	size_t length = fread(text, 1, TEXT_SIZE - 1, file);
	text[length] = '\0';
	assert_int_equal(strncmp(text, "{\"displayTimeUnit\":\"ns\"", 23), 0);
	assert_string_equal(text + length - 4, "\n]}\n");
}

static uint32_t count(const char *part)
{
	uint32_t found = 0;
	for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
		found++;
	return found;
}

static void has(const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("'%s' is not in: %.3000s", part, text);
}

static void cycle(uint64_t node, uint64_t number, uint64_t begin_ns, uint64_t end_ns)
{
	add((struct trace_event){.kind = TRACE_CYCLE_BEGUN,
				 .time_ns = begin_ns + 1,
				 .node = node,
				 .cycle = number,
				 .cycles = {.due_ns = FIRST_NS + number * 1000, .begin_ns = FIRST_NS + begin_ns}});
	if (end_ns)
		add((struct trace_event){
			.kind = TRACE_CYCLE_ENDED,
			.time_ns = end_ns + 1,
			.node = node,
			.cycle = number,
			.cycles = {.begin_ns = FIRST_NS + begin_ns, .end_ns = FIRST_NS + end_ns, .faults = 2}});
}

static void publish(uint64_t number, uint64_t at_ns, uint64_t told_ns)
{
	add((struct trace_event){.kind = TRACE_SAMPLE_PUBLISHED,
				 .time_ns = told_ns,
				 .node = SENSOR,
				 .sample = {.topic = IMU, .number = number, .publish_ns = FIRST_NS + at_ns}});
}

static void read_it(uint64_t number, uint64_t published_ns, uint64_t at_ns, uint64_t is_repeated)
{
	add((struct trace_event){.kind = TRACE_SAMPLE_READ,
				 .time_ns = at_ns + 5,
				 .node = CONTROLLER,
				 .sample = {.topic = IMU,
					    .number = number,
					    .publish_ns = FIRST_NS + published_ns,
					    .read_ns = FIRST_NS + at_ns,
					    .is_repeated = is_repeated}});
}

static void a_cycle_is_a_slice_to_the_nanosecond(void **state)
{
	(void)state;
	cycle(SENSOR, 1, 1003, 1128);
	cycle(SENSOR, 2, 2103, 2200);
	finish();
	/* The origin is a second before the first event. */
	has("\"origin_ns\":\"31535999000000001\"");
	has("\"ts\":1000001.003,\"cat\":\"cycle\",\"name\":\"cycle 1\",\"dur\":0.125,\"args\":{\"begin_ns\":31536000000001004,"
	    "\"cause\":\"period\",\"due_ns\":31536000000001001,\"faults\":2,");
	has("\"name\":\"begin late\",\"args\":{\"us\":0.003}");
	/* 1100 ns between two begins where 1000 were wanted. */
	has("\"name\":\"period jitter\",\"args\":{\"us\":0.100}");
	assert_int_equal(count("period jitter"), 1);
	assert_int_equal(counts.cycle_count, 2);
	assert_int_equal(counts.unfinished_count + counts.beginless_count + counts.refused_count, 0);
}

static void a_read_is_a_flow_from_its_publish_whoever_tells_first(void **state)
{
	(void)state;
	publish(7, 100, 140);
	read_it(7, 100, 130, 0);
	read_it(7, 100, 170, 1);
	/* This reader's event comes before the publisher's. */
	read_it(8, 200, 230, 0);
	publish(8, 200, 260);
	/* Its publish is nowhere; where it would be remembered another one is. */
	read_it(7 + TRACE_SLOTS, 300, 330, 0);
	finish();
	assert_int_equal(counts.flow_count, 2);
	assert_int_equal(counts.unlinked_count, 1);
	assert_int_equal(count("\"ph\":\"s\""), 2);
	assert_int_equal(count("\"ph\":\"f\""), 2);
	has("{\"ph\":\"s\",\"pid\":1,\"tid\":1,\"ts\":1000000.100,\"cat\":\"sample\",\"name\":\"imu\",\"id\":1}");
	has("{\"ph\":\"f\",\"pid\":2,\"tid\":2,\"ts\":1000000.130,\"cat\":\"sample\",\"name\":\"imu\",\"id\":1,\"bp\":\"e\"}");
	has("{\"ph\":\"s\",\"pid\":1,\"tid\":1,\"ts\":1000000.200,\"cat\":\"sample\",\"name\":\"imu\",\"id\":2}");
	has("\"name\":\"age of imu\",\"args\":{\"us\":0.030}");
	assert_int_equal(count("age of imu"), 3);
	has("\"name\":\"read imu again\"");
}

static void a_cycle_without_its_end_lasts_to_the_last_that_is_known(void **state)
{
	(void)state;
	cycle(SENSOR, 1, 1000, 0);
	publish(1, 1100, 1150);
	cycle(SENSOR, 2, 2000, 0);
	publish(2, 2300, 2450);
	/* And one that began before the trace. */
	add((struct trace_event){.kind = TRACE_CYCLE_ENDED,
				 .time_ns = 900,
				 .node = CONTROLLER,
				 .cycle = 5,
				 .cycles = {.begin_ns = FIRST_NS - 2000000000, .end_ns = FIRST_NS + 800}});
	finish();
	assert_int_equal(counts.cycle_count, 3);
	assert_int_equal(counts.unfinished_count, 2);
	assert_int_equal(counts.beginless_count, 1);
	has("\"name\":\"cycle 1\",\"dur\":0.150");
	has("\"name\":\"cycle 2\",\"dur\":0.450");
	has("\"ts\":0.000,\"cat\":\"cycle\",\"name\":\"cycle 5\",\"dur\":1000000.800,\"args\":{\"begin_ns\":31535998000000001,"
	    "\"note\":\"its begin is not in the trace\"");
}

static void slices_that_contradict_each_other_are_left_out_and_counted(void **state)
{
	(void)state;
	cycle(SENSOR, 1, 1000, 2000);
	add((struct trace_event){.kind = TRACE_READER_WOKEN,
				 .time_ns = 2500,
				 .wait = {.began_ns = FIRST_NS + 1500, .woken_ns = FIRST_NS + 2400}});
	add((struct trace_event){.kind = TRACE_LOCK_WAITED,
				 .time_ns = 2600,
				 .lock = {.began_ns = UINT64_MAX, .ended_ns = FIRST_NS + 2400}});
	finish();
	assert_int_equal(counts.refused_count, 2);
	assert_int_equal(count("\"ph\":\"X\""), 1);
}

static void names_mean_nothing_to_the_format(void **state)
{
	(void)state;
	read_it(1, 1, 2, 0);
	add((struct trace_event){.kind = TRACE_COMMAND_REFUSED, .command = {.text = "\"},{\\\x01\xff"}});
	add((struct trace_event){.kind = TRACE_COMMAND_EXECUTED, .node = 300});
	finish();
	has("\"name\":\"process_name\",\"args\":{\"name\":\"cont\\\"roller\\\\x0a\"}");
	has("\"name\":\"command refused: \\\"},{\\\\\\\\\\\\x01\\\\xff\"");
	assert_int_equal(counts.no_room_count, 1);
}

static void deaths_losses_overruns_and_the_kernel_are_there(void **state)
{
	(void)state;
	add((struct trace_event){
		.kind = TRACE_NODE_FOUND_DEAD, .time_ns = 5, .node = SENSOR, .nodes = {.dead_node = CONTROLLER}});
	add((struct trace_event){.kind = TRACE_SAMPLES_LOST,
				 .time_ns = 6,
				 .lost = {.topic = IMU, .first = 3, .count = 4}});
	add((struct trace_event){.kind = TRACE_CYCLE_OVERRUN, .time_ns = 7, .cycles = {.missed = 2}});
	add((struct trace_event){.kind = TRACE_LOCK_WAITED,
				 .time_ns = 60,
				 .lock = {.began_ns = FIRST_NS + 10, .ended_ns = FIRST_NS + 50}});
	add((struct trace_event){.kind = TRACE_LOCK_RELEASED,
				 .time_ns = 99,
				 .lock = {.taken_ns = FIRST_NS + 50, .released_ns = FIRST_NS + 90}});
	add((struct trace_event){.kind = TRACE_SCHED_SWITCH,
				 .time_ns = 100,
				 .cpu = 1,
				 .sched = {.next_thread = 42, .next_name = "worker"}});
	add((struct trace_event){.kind = TRACE_SCHED_SWITCH,
				 .time_ns = 350,
				 .cpu = 1,
				 .sched = {.next_thread = 0, .next_name = "idle"}});
	add((struct trace_event){.kind = TRACE_SCHED_SWITCH,
				 .time_ns = 400,
				 .cpu = 1,
				 .sched = {.next_thread = 42, .next_name = "worker"}});
	add((struct trace_event){
		.kind = TRACE_SCHED_SWITCH, .time_ns = 400, .cpu = 100000, .sched = {.next_thread = 42}});
	finish();
	has("{\"ph\":\"i\",\"pid\":2,\"tid\":1,\"ts\":1000000.005,\"cat\":\"node_found_dead\",\"name\":\"found dead by sensor\",\"s\":\"p\"}");
	has("\"name\":\"lost 4 of imu\",\"s\":\"t\"}");
	has("\"name\":\"overrun: 2 missed\",\"s\":\"t\"}");
	has("\"name\":\"wait for the lock of imu\",\"dur\":0.040");
	has("\"name\":\"has the lock of imu\",\"dur\":0.040");
	has("\"cat\":\"kernel\",\"name\":\"worker\",\"dur\":0.250,\"args\":{\"begin_ns\":31536000000000101,\"thread\":42}}");
	has("\"name\":\"thread_name\",\"args\":{\"name\":\"CPU 1\"}");
	assert_int_equal(count("\"cat\":\"kernel\""), 1);
	assert_int_equal(counts.no_room_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_cycle_is_a_slice_to_the_nanosecond, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_read_is_a_flow_from_its_publish_whoever_tells_first, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_cycle_without_its_end_lasts_to_the_last_that_is_known, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(slices_that_contradict_each_other_are_left_out_and_counted, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(names_mean_nothing_to_the_format, set_up, tear_down),
		cmocka_unit_test_setup_teardown(deaths_losses_overruns_and_the_kernel_are_there, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
