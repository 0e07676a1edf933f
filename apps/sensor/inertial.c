/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sensor/inertial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <takt/message.h>

#define BUFFER_SAMPLES 256u
#define UT_PER_GAUSS   100.0

static const struct {
	const char *prefix;
	enum inertial_sensor sensor;
	double unit;
} sensors[] = {
	{"anglvel", INERTIAL_GYRO, 1.0}, /* rad/s */
	{"accel", INERTIAL_ACCEL, 1.0},	 /* m/s^2 */
	{"magn", INERTIAL_MAGN, UT_PER_GAUSS},
};

#define SENSOR_COUNT (sizeof(sensors) / sizeof(sensors[0]))

/* --------------------------------------------------------------------------------------------------------- options */

static int read_number(const char *text, double min, double max, double *number)
{
	char *end;
	double value = strtod(text, &end);
	if (end == text || *end != '\0' || !(value >= min && value <= max))
		return 0;
	*number = value;
	return 1;
}

static int read_sensors(const char *text, uint32_t *wanted)
{
	uint32_t found = 0;
	while (*text) {
		size_t length = strcspn(text, ","), i = 0;
		while (i < SENSOR_COUNT &&
		       !(strlen(sensors[i].prefix) == length && strncmp(sensors[i].prefix, text, length) == 0))
			i++;
		if (i == SENSOR_COUNT)
			return 0;
		found |= sensors[i].sensor;
		text += length;
		if (*text == ',' && *++text == '\0')
			return 0;
	}
	*wanted = found;
	return found != 0;
}

/* What stands behind `name=`, or NULL. */
static const char *value_of(const char *argument, const char *name)
{
	size_t length = strlen(name);
	return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1 : NULL;
}

static enum takt_status read_option(struct inertial_options *options, const char *argument)
{
	const char *value, *expected;
	double number = 0.0;
	if ((value = value_of(argument, "rate_hz")) != NULL) {
		expected = "rate_hz= and more than 0, at most 100000";
		if (read_number(value, 1e-3, INERTIAL_RATE_HZ_MAX, &options->rate_hz))
			return TAKT_OK;
	} else if ((value = value_of(argument, "buffer")) != NULL) {
		expected = "buffer= and 2 to 4096 samples";
		if (read_number(value, 2.0, INERTIAL_BUFFER_SAMPLES_MAX, &number) && floor(number) == number) {
			options->buffer_samples = (uint32_t)number;
			return TAKT_OK;
		}
	} else if ((value = value_of(argument, "channels")) != NULL) {
		expected = "channels= and some of accel,anglvel,magn";
		if (read_sensors(value, &options->sensors))
			return TAKT_OK;
	} else if ((value = value_of(argument, "trigger")) != NULL) {
		expected = "trigger= and a trigger's name";
		options->trigger = value;
		if (value[0] != '\0')
			return TAKT_OK;
	} else {
		expected = "rate_hz=N, trigger=NAME, channels=accel,anglvel,magn or buffer=N behind the device";
	}
	takt_message(TAKT_ERROR, "sensor iio: expected %s, found '%s'", expected, argument);
	return TAKT_INVALID;
}

enum takt_status inertial_options_read(struct inertial_options *options, int argument_count, char **arguments)
{
	struct inertial_options read = {.buffer_samples = BUFFER_SAMPLES};
	if (argument_count < 1 || arguments[0][0] == '\0' || strchr(arguments[0], '=') != NULL) {
		takt_message(TAKT_ERROR,
			     "sensor iio: expected DEVICE (its name, its id or its number) as the first of its "
			     "`arguments`, found %s%s%s",
			     argument_count < 1 ? "nothing" : "'", argument_count < 1 ? "" : arguments[0],
			     argument_count < 1 ? "" : "'");
		return TAKT_INVALID;
	}
	read.device = arguments[0];
	for (int i = 1; i < argument_count; i++) {
		enum takt_status status = read_option(&read, arguments[i]);
		if (status != TAKT_OK)
			return status;
	}
	*options = read;
	return TAKT_OK;
}

/* ---------------------------------------------------------------------------------------------------------- values */

int inertial_axis_of(struct inertial_axis *axis, const char *id)
{
	for (uint32_t i = 0; i < SENSOR_COUNT; i++) {
		size_t length = strlen(sensors[i].prefix);
		if (strncmp(id, sensors[i].prefix, length) != 0 || id[length] != '_')
			continue;
		const char *letter = id + length + 1;
		if (letter[0] < 'x' || letter[0] > 'z' || letter[1] != '\0')
			return 0;
		*axis = (struct inertial_axis){.index = 3 * i + (uint32_t)(letter[0] - 'x'), .scale = sensors[i].unit};
		return 1;
	}
	return 0;
}

enum inertial_sensor inertial_axis_sensor(const struct inertial_axis *axis)
{
	return sensors[axis->index / 3 % SENSOR_COUNT].sensor;
}

int inertial_raw_value(const void *bytes, uint32_t byte_count, int is_signed, double *value)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	switch (byte_count) {
	case 1:
		memcpy(&u8, bytes, sizeof(u8));
		*value = is_signed ? (double)(int8_t)u8 : (double)u8;
		return 1;
	case 2:
		memcpy(&u16, bytes, sizeof(u16));
		*value = is_signed ? (double)(int16_t)u16 : (double)u16;
		return 1;
	case 4:
		memcpy(&u32, bytes, sizeof(u32));
		*value = is_signed ? (double)(int32_t)u32 : (double)u32;
		return 1;
	case 8:
		memcpy(&u64, bytes, sizeof(u64));
		*value = is_signed ? (double)(int64_t)u64 : (double)u64;
		return 1;
	default:
		return 0;
	}
}

void inertial_imu_set(struct imu *imu, const struct inertial_axis *axis, double raw)
{
	float *members[] = {imu->gyro, imu->accel, imu->magnetic};
	members[axis->index / 3 % 3][axis->index % 3] = (float)((raw + axis->offset) * axis->scale);
	if (inertial_axis_sensor(axis) == INERTIAL_MAGN)
		imu->flags |= IMU_MAGNETIC_VALID;
}

/* ----------------------------------------------------------------------------------------------------------- times */

/* A device that does not tell its period shows it by the shortest distance of its first samples. */
static void learn_period(struct inertial_times *times, uint64_t distance_ns)
{
	if (times->shortest_ns == 0 || distance_ns < times->shortest_ns)
		times->shortest_ns = distance_ns;
	if (times->sample_count == INERTIAL_GUESS_SAMPLES)
		times->period_ns = times->shortest_ns;
}

uint64_t inertial_time_of(struct inertial_times *times, int64_t device_ns, uint64_t now_ns)
{
	uint64_t measured_ns = device_ns > 0 ? (uint64_t)device_ns : 0;
	if (measured_ns == 0 || measured_ns > now_ns + INERTIAL_CLOCK_TOLERANCE_NS || measured_ns <= times->last_ns) {
		times->strange_count += device_ns != 0;
		measured_ns = now_ns;
	}
	/* Ahead of us by less than the tolerance: nothing was measured in the future. */
	if (measured_ns > now_ns)
		measured_ns = now_ns;
	if (times->last_ns != 0 && measured_ns > times->last_ns) {
		uint64_t distance_ns = measured_ns - times->last_ns;
		if (times->period_ns == 0)
			learn_period(times, distance_ns);
		else if ((double)distance_ns > INERTIAL_GAP_PERIODS * (double)times->period_ns)
			times->gap_count++;
	}
	times->last_ns = measured_ns > times->last_ns ? measured_ns : times->last_ns;
	times->sample_count++;
	return measured_ns;
}
