/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the iio source does with numbers and words: its arguments, which channel goes where in struct imu, raw values into SI units, and
 * whether a time of measurement can be believed. Pure; nothing here knows libiio.
 */
#ifndef APPS_SENSOR_INERTIAL_H
#define APPS_SENSOR_INERTIAL_H

#include <stdint.h>

#include <takt/status.h>

#include "apps/robot/messages.h"

#define INERTIAL_AXIS_COUNT	    9u /* gyroscope, accelerometer, magnetometer; x, y, z of each: the order of struct imu */
#define INERTIAL_BUFFER_SAMPLES_MAX 4096u
#define INERTIAL_RATE_HZ_MAX	    100000.0
#define INERTIAL_CLOCK_TOLERANCE_NS                                                                                    \
	UINT64_C(1000000) /* a measurement may be this far ahead of the reading: clocks of devices are smoothed */
#define INERTIAL_GAP_PERIODS   1.5 /* from this distance between two samples on, one is missing */
#define INERTIAL_GUESS_SAMPLES 16u /* distances that the period is learned from, where the device does not tell it */

enum inertial_sensor {
	INERTIAL_GYRO = 1u << 0,  /* channels anglvel_x y z */
	INERTIAL_ACCEL = 1u << 1, /* channels accel_x y z */
	INERTIAL_MAGN = 1u << 2	  /* channels magn_x y z */
};

struct inertial_options {
	const char *device;	 /* a name, a label, an id ("iio:device0") or a number */
	const char *trigger;	 /* NULL: the one that the device has, or its own */
	double rate_hz;		 /* 0: as the device is set */
	uint32_t sensors;	 /* enum inertial_sensor: which are wanted; 0: all that the device has */
	uint32_t buffer_samples; /* that the kernel keeps until they are read */
};

/**
 * Reads `DEVICE [rate_hz=N] [trigger=NAME] [channels=accel,anglvel,magn] [buffer=N]`.
 * @param options points into `arguments` afterwards
 * @retval TAKT_OK  @retval TAKT_INVALID with a message that names the word, what was expected and found
 */
TAKT_CHECKED enum takt_status inertial_options_read(struct inertial_options *options, int argument_count,
						    char **arguments);

/* One channel: where its values go, and what makes them SI units. */
struct inertial_axis {
	uint32_t index; /* in struct imu: 0 to 2 gyro, 3 to 5 accel, 6 to 8 magnetic */
	double offset;	/* the kernel's rule: (raw + offset) * scale */
	double scale;	/* also from the kernel's unit to takt's: magnetic fields are in gauss there, in uT here */
};

/**
 * Where a channel's values go.
 * @param id as the kernel names it: "accel_x", "anglvel_z", "magn_y"
 * @retval 1 `axis` is filled, offset 0, scale that of the units alone  @retval 0 a channel that struct imu has no place for
 */
int inertial_axis_of(struct inertial_axis *axis, const char *id);

/* The sensor that an axis belongs to. */
enum inertial_sensor inertial_axis_sensor(const struct inertial_axis *axis);

/**
 * A number of 1, 2, 4 or 8 bytes in this machine's order.
 * @retval 1 `value` is filled  @retval 0 another count of bytes
 * RT: safe.
 */
int inertial_raw_value(const void *bytes, uint32_t byte_count, int is_signed, double *value);

/* Puts one value where it belongs. RT: safe. */
void inertial_imu_set(struct imu *imu, const struct inertial_axis *axis, double raw);

/* Times of measurement. Zero it; period_ns 0: learned from the first samples. */
struct inertial_times {
	uint64_t last_ns;
	uint64_t period_ns;
	uint64_t shortest_ns;
	uint64_t sample_count;
	uint64_t gap_count;	/* places where samples are missing */
	uint64_t strange_count; /* times that cannot be: replaced by the time of reading */
};

/**
 * The time at which a sample was measured.
 * @param device_ns what the device says, CLOCK_MONOTONIC; 0: it says nothing  @param now_ns when the sample was read
 * @retval device_ns; now_ns where device_ns is nothing, in the future, before the sample before, or the same
 * RT: safe.
 */
uint64_t inertial_time_of(struct inertial_times *times, int64_t device_ns, uint64_t now_ns);

#endif
