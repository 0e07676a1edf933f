/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apps/controller/fan.h"

struct bench {
	struct fan_control control;
	struct fan_parameters parameters;
};

static struct bench make_bench(void)
{
	struct bench bench = {.parameters = fan_parameters_default()};

	fan_init(&bench.control);
	return bench;
}

static struct fan step(struct bench *bench, double temperature_c, double load, double dt_s)
{
	const struct machine machine = {.cpu_load = (float)load, .temperature = (float)temperature_c, .core_count = 2};

	return fan_step(&bench->control, &bench->parameters, &machine, dt_s);
}

/* A fan that was never needed. */
static struct bench make_idle(void)
{
	struct bench bench = make_bench();

	assert_int_equal(step(&bench, 40.0, 0.1, 1.0).on, 0);
	return bench;
}

static void stays_off_below_the_upper_threshold(void **unused)
{
	struct bench bench = make_idle();

	(void)unused;
	for (double temperature_c = 40.0; temperature_c < 59.9; temperature_c += 0.5) {
		const struct fan fan = step(&bench, temperature_c, 0.1, 1.0);

		assert_int_equal(fan.on, 0);
		assert_true(fan.duty == 0.0f);
	}
	assert_int_equal(step(&bench, 60.0, 0.1, 1.0).on, 1);
}

static void once_on_stays_on_down_to_the_lower_threshold(void **unused)
{
	struct bench bench = make_idle();

	(void)unused;
	assert_int_equal(step(&bench, 61.0, 0.1, 1.0).on, 1);
	for (double temperature_c = 60.0; temperature_c >= 50.0; temperature_c -= 0.5)
		assert_int_equal(step(&bench, temperature_c, 0.1, 1.0).on, 1);
	assert_int_equal(step(&bench, 49.5, 0.1, 1.0).on, 0);
	assert_int_equal(step(&bench, 59.5, 0.1, 1.0).on, 0);
}

static void runs_at_least_its_minimum_time(void **unused)
{
	struct bench bench = make_idle();

	(void)unused;
	assert_int_equal(step(&bench, 65.0, 0.1, 0.5).on, 1);
	for (int half_second = 1; half_second < 10; half_second++)
		assert_int_equal(step(&bench, 30.0, 0.0, 0.5).on, 1);
	assert_int_equal(step(&bench, 30.0, 0.0, 0.5).on, 0);
}

static void noise_between_the_thresholds_switches_nothing(void **unused)
{
	struct bench bench = make_idle();
	int change_count = 0;
	uint32_t last = 0;

	(void)unused;
	for (int cycle = 0; cycle < 1000; cycle++) {
		const uint32_t on = step(&bench, 56.0 + (cycle % 2 ? 4.5 : -4.5), 0.1, 1.0).on;

		change_count += on != last;
		last = on;
	}
	assert_int_equal(change_count, 1);
}

static void duty_rises_with_temperature_to_full(void **unused)
{
	struct bench bench = make_idle();
	float last = 0.0f;

	(void)unused;
	for (double temperature_c = 60.0; temperature_c <= 80.0; temperature_c += 1.0) {
		const struct fan fan = step(&bench, temperature_c, 0.1, 1.0);

		assert_true(fan.duty > last && fan.duty >= 0.3f && fan.duty <= 1.0f);
		last = fan.duty;
	}
	assert_true(last == 1.0f);
	assert_true(step(&bench, 100.0, 0.1, 1.0).duty == 1.0f);
}

static void load_switches_on_before_the_heat_comes(void **unused)
{
	struct bench bench = make_idle();

	(void)unused;
	assert_int_equal(step(&bench, 40.0, 0.95, 1.0).on, 1);
	for (int second = 0; second < 20; second++)
		assert_int_equal(step(&bench, 40.0, 0.7, 1.0).on, 1);
	assert_int_equal(step(&bench, 40.0, 0.4, 1.0).on, 0);
}

static void full_duty_before_the_first_measurement(void **unused)
{
	struct bench bench = make_bench();
	const struct fan fan = fan_step(&bench.control, &bench.parameters, NULL, 0.1);

	(void)unused;
	assert_true(fan.duty == 1.0f);
	assert_int_equal(fan.on, 1);
}

static void full_duty_when_measurements_stop(void **unused)
{
	struct bench bench = make_idle();

	(void)unused;
	for (int cycle = 1; cycle <= 15; cycle++)
		assert_true(fan_step(&bench.control, &bench.parameters, NULL, 0.125).duty == 0.0f);
	fan_step(&bench.control, &bench.parameters, NULL, 0.125);
	assert_true(fan_step(&bench.control, &bench.parameters, NULL, 0.125).duty == 1.0f);
	/* Back again: less duty at once, off after the minimum time. */
	assert_true(step(&bench, 40.0, 0.1, 1.0).duty < 1.0f);
	assert_int_equal(step(&bench, 40.0, 0.1, 3.0).on, 1);
	assert_int_equal(step(&bench, 40.0, 0.1, 1.0).on, 0);
}

static void implausible_measurements_count_as_none(void **unused)
{
	const struct machine bad[] = {
		{.temperature = NAN, .cpu_load = 0.1f},
		{.temperature = 40.0f, .cpu_load = NAN},
		{.temperature = -100.0f, .cpu_load = 0.1f},
		{.temperature = 1000.0f, .cpu_load = 0.1f},
		{.temperature = 40.0f, .cpu_load = 1.5f},
		{.temperature = 40.0f, .cpu_load = 0.1f, .flags = MACHINE_TEMPERATURE_MISSING},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bench bench = make_idle();

		assert_true(fan_step(&bench.control, &bench.parameters, &bad[i], 1.0).duty == 0.0f);
		assert_true(fan_step(&bench.control, &bench.parameters, &bad[i], 1.5).duty == 1.0f);
	}
}

static void invalid_parameters_mean_full_duty(void **unused)
{
	struct bench bench = make_idle();

	(void)unused;
	assert_true(fan_parameters_valid(&bench.parameters));
	bench.parameters.temperature_off_c = 70.0;
	assert_false(fan_parameters_valid(&bench.parameters));
	assert_true(step(&bench, 40.0, 0.1, 1.0).duty == 1.0f);
	bench.parameters = fan_parameters_default();
	bench.parameters.duty_min = (double)NAN;
	assert_true(step(&bench, 40.0, 0.1, 1.0).duty == 1.0f);
}

static void time_that_does_not_pass_is_no_time(void **unused)
{
	struct bench bench = make_idle();

	(void)unused;
	step(&bench, 65.0, 0.1, 1.0);
	for (int cycle = 0; cycle < 100; cycle++) {
		assert_int_equal(step(&bench, 30.0, 0.1, cycle % 2 ? (double)NAN : -1.0).on, 1);
		assert_true(step(&bench, 30.0, 0.1, 0.0).duty < 1.0f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_off_below_the_upper_threshold),
		cmocka_unit_test(once_on_stays_on_down_to_the_lower_threshold),
		cmocka_unit_test(runs_at_least_its_minimum_time),
		cmocka_unit_test(noise_between_the_thresholds_switches_nothing),
		cmocka_unit_test(duty_rises_with_temperature_to_full),
		cmocka_unit_test(load_switches_on_before_the_heat_comes),
		cmocka_unit_test(full_duty_before_the_first_measurement),
		cmocka_unit_test(full_duty_when_measurements_stop),
		cmocka_unit_test(implausible_measurements_count_as_none),
		cmocka_unit_test(invalid_parameters_mean_full_duty),
		cmocka_unit_test(time_that_does_not_pass_is_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
