/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A three-axis accelerometer that is not there: a HID sensor presented through /dev/uhid. The kernel's own drivers (hid-sensor-hub,
 * hid-sensor-accel-3d) make an industrial-I/O device of it, "accel_3d", with buffer, trigger and timestamps.
 *
 *	accelerometer TILT_RAD...
 *
 * It obeys what the driver asks for: it measures only while it is powered and told to report, at the interval that it is given. It lies at
 * rest, tilted about y by the first angle; SIGUSR1 tilts it by the next one. The y axis counts samples, 0 to 15, in thousandths of g, so
 * that a reader sees what was lost. SIGTERM takes the device away.
 *
 * Source: HID Usage Tables 1.4, chapter 22 (sensors); Linux, Documentation/hid/hid-sensor.rst and uhid.rst.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/uhid.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define REPORT_ID	1
#define INPUT_BYTES	14 /* id, event, three axes of 32 bits */
#define FEATURE_BYTES	8  /* id, connection, reporting, power, interval of 32 bits */
#define FEATURE_REPORT	2  /* offsets in the feature report */
#define FEATURE_POWER	3
#define FEATURE_MS	4
#define REPORT_ALL	2 /* "all events" and "full power": the second of their usages below; the driver counts from 1 */
#define POWER_FULL	2
#define EVENT_DATA	2
#define INTERVAL_MS	10
#define INTERVAL_MS_MAX 10000u
#define COUNT_PERIOD	16
#define ANGLES_MAX	8

/* One item of three, or of more, bytes: items of the short format name their size in the low bits of the first byte. */
#define USAGE(low)	    0x0A, low, 0x08				  /* enumeration members: 0x08xx */
#define FIELD(low, high)    0x0A, low, high				  /* data fields and properties */
#define BYTE_RANGE(max)	    0x15, 0x00, 0x25, max, 0x75, 0x08, 0x95, 0x01 /* 0 to max, one byte */
#define OPEN_LIST	    0xA1, 0x02
#define CLOSE		    0xC0
#define SIGNED_32	    0x17, 0x00, 0x00, 0x00, 0x80, 0x27, 0xFF, 0xFF, 0xFF, 0x7F, 0x75, 0x20, 0x95, 0x01
#define THOUSANDTHS	    0x55, 0x0D
#define INPUT		    0x81, 0x02
#define ACCELERATION(usage) FIELD(usage, 0x04), SIGNED_32, THOUSANDTHS, INPUT

static const uint8_t descriptor[] = {0x05, 0x20, 0x09, 0x01, 0xA1, 0x01,      /* page sensors, a collection */
				     0x09, 0x73, 0xA1, 0x00, 0x85, REPORT_ID, /* accelerometer 3D, physical */
				     /* connection type: integrated, attached, external */
				     FIELD(0x09, 0x03), BYTE_RANGE(2), OPEN_LIST, USAGE(0x30), USAGE(0x31), USAGE(0x32),
				     0xB1, 0x00, CLOSE,
				     /* reporting state: none, all, threshold, and their wake-up forms */
				     FIELD(0x16, 0x03), BYTE_RANGE(5), OPEN_LIST, USAGE(0x40), USAGE(0x41), USAGE(0x42),
				     USAGE(0x43), USAGE(0x44), USAGE(0x45), 0xB1, 0x00, CLOSE,
				     /* power state: undefined, full, low, standby, sleep, off */
				     FIELD(0x19, 0x03), BYTE_RANGE(5), OPEN_LIST, USAGE(0x50), USAGE(0x51), USAGE(0x52),
				     USAGE(0x53), USAGE(0x54), USAGE(0x55), 0xB1, 0x00, CLOSE,
				     /* report interval, ms, 0 to 2^31 - 1 */
				     FIELD(0x0E, 0x03), 0x15, 0x00, 0x27, 0xFF, 0xFF, 0xFF, 0x7F, 0x75, 0x20, 0x95,
				     0x01, 0x55, 0x00, 0xB1, 0x02,
				     /* event: unknown, state changed, property changed, data updated, ... */
				     FIELD(0x01, 0x02), BYTE_RANGE(6), OPEN_LIST, USAGE(0x00), USAGE(0x01), USAGE(0x02),
				     USAGE(0x03), USAGE(0x04), USAGE(0x05), USAGE(0x06), 0x81, 0x00, CLOSE,
				     /* x, y, z. The driver takes 32 bits for granted. */
				     ACCELERATION(0x53), ACCELERATION(0x54), ACCELERATION(0x55), CLOSE, CLOSE};

struct accelerometer {
	int hid, timer, signals;
	uint8_t feature[FEATURE_BYTES];
	double angles_rad[ANGLES_MAX];
	int angle_count, angle_index;
	uint32_t sample_count;
};

static int fail(const char *what)
{
	(void)fprintf(stderr, "accelerometer: %s: %s\n", what, strerror(errno));
	return 1;
}

static int send_event(const struct accelerometer *device, const struct uhid_event *event)
{
	return write(device->hid, event, sizeof(*event)) == (ssize_t)sizeof(*event);
}

static uint16_t measure(struct accelerometer *device, uint8_t report[INPUT_BYTES])
{
	const double angle_rad = device->angles_rad[device->angle_index];
	const int32_t axes[3] = {(int32_t)lround(-1000.0 * sin(angle_rad)),
				 (int32_t)(device->sample_count++ % COUNT_PERIOD),
				 (int32_t)lround(1000.0 * cos(angle_rad))};
	report[0] = REPORT_ID;
	report[1] = EVENT_DATA;
	memcpy(report + 2, axes, sizeof(axes));
	return INPUT_BYTES;
}

/* Measures while somebody wants it, at the interval that was asked for. */
static int set_timer(const struct accelerometer *device)
{
	uint32_t interval_ms;
	memcpy(&interval_ms, device->feature + FEATURE_MS, sizeof(interval_ms));
	if (interval_ms == 0 || interval_ms > INTERVAL_MS_MAX)
		interval_ms = INTERVAL_MS;
	if (device->feature[FEATURE_REPORT] != REPORT_ALL || device->feature[FEATURE_POWER] != POWER_FULL)
		interval_ms = 0;
	const struct timespec interval = {(time_t)(interval_ms / 1000), (long)(interval_ms % 1000) * 1000000L};
	const struct itimerspec times = {interval, interval};
	return timerfd_settime(device->timer, 0, &times, NULL) == 0;
}

static int answer_get(struct accelerometer *device, const struct uhid_get_report_req *request)
{
	static struct uhid_event answer;
	memset(&answer, 0, sizeof(answer));
	answer.type = UHID_GET_REPORT_REPLY;
	answer.u.get_report_reply.id = request->id;
	if (request->rtype == UHID_FEATURE_REPORT) {
		memcpy(answer.u.get_report_reply.data, device->feature, FEATURE_BYTES);
		answer.u.get_report_reply.size = FEATURE_BYTES;
	} else {
		answer.u.get_report_reply.size = measure(device, answer.u.get_report_reply.data);
	}
	return send_event(device, &answer);
}

static int answer_set(struct accelerometer *device, const struct uhid_set_report_req *request)
{
	static struct uhid_event answer;
	memset(&answer, 0, sizeof(answer));
	answer.type = UHID_SET_REPORT_REPLY;
	answer.u.set_report_reply.id = request->id;
	if (request->rtype == UHID_FEATURE_REPORT && request->size == FEATURE_BYTES)
		memcpy(device->feature, request->data, FEATURE_BYTES);
	else
		answer.u.set_report_reply.err = EINVAL;
	return send_event(device, &answer) && set_timer(device);
}

/* @retval 1 go on  @retval 0 the kernel's side failed */
static int obey_kernel(struct accelerometer *device)
{
	static struct uhid_event event;
	if (read(device->hid, &event, sizeof(event)) <= 0)
		return 0;
	if (event.type == UHID_GET_REPORT)
		return answer_get(device, &event.u.get_report);
	if (event.type == UHID_SET_REPORT)
		return answer_set(device, &event.u.set_report);
	return 1;
}

static int send_sample(struct accelerometer *device)
{
	static struct uhid_event event;
	uint64_t expirations;
	if (read(device->timer, &expirations, sizeof(expirations)) != (ssize_t)sizeof(expirations))
		return errno == EAGAIN;
	event.type = UHID_INPUT2;
	event.u.input2.size = measure(device, event.u.input2.data);
	return send_event(device, &event);
}

/* @retval 1 go on  @retval 0 told to end */
static int obey_signal(struct accelerometer *device)
{
	struct signalfd_siginfo info;
	if (read(device->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 1;
	if (info.ssi_signo != SIGUSR1)
		return 0;
	if (device->angle_index + 1 < device->angle_count)
		device->angle_index++;
	return 1;
}

static int run(struct accelerometer *device)
{
	for (;;) {
		struct pollfd ready[] = {{device->signals, POLLIN, 0},
					 {device->hid, POLLIN, 0},
					 {device->timer, POLLIN, 0}};
		if (poll(ready, 3, -1) < 0 && errno != EINTR)
			return fail("poll");
		if (ready[0].revents && !obey_signal(device))
			return 0;
		if (ready[1].revents && !obey_kernel(device))
			return fail("/dev/uhid: the kernel's request cannot be answered");
		if (ready[2].revents && !send_sample(device))
			return fail("/dev/uhid: a sample cannot be sent");
	}
}

static int create(struct accelerometer *device)
{
	static struct uhid_event event;
	sigset_t signals;
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGUSR1);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	device->signals = signalfd(-1, &signals, SFD_CLOEXEC);
	device->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	device->hid = open("/dev/uhid", O_RDWR | O_CLOEXEC);
	if (device->signals < 0 || device->timer < 0)
		return 0;
	if (device->hid < 0) {
		(void)fprintf(stderr, "accelerometer: /dev/uhid: %s; expected the kernel module uhid, and root\n",
			      strerror(errno));
		return 0;
	}
	event.type = UHID_CREATE2;
	(void)snprintf((char *)event.u.create2.name, sizeof(event.u.create2.name), "takt test accelerometer");
	memcpy(event.u.create2.rd_data, descriptor, sizeof(descriptor));
	event.u.create2.rd_size = sizeof(descriptor);
	event.u.create2.bus = 0x03;	 /* USB, as most such sensors */
	event.u.create2.vendor = 0x1209; /* pid.codes, for tests */
	event.u.create2.product = 0x0001;
	return send_event(device, &event);
}

int main(int argc, char **argv)
{
	static struct accelerometer device = {
		.feature = {REPORT_ID, 1, 0, 0, INTERVAL_MS, 0, 0, 0},
	};
	for (int i = 1; i < argc && device.angle_count < ANGLES_MAX; i++) {
		char *end;
		device.angles_rad[device.angle_count++] = strtod(argv[i], &end);
		if (end == argv[i] || *end != '\0') {
			(void)fprintf(stderr, "accelerometer: expected an angle in rad, found '%s'\n", argv[i]);
			return 2;
		}
	}
	if (device.angle_count == 0) {
		(void)fprintf(stderr, "usage: accelerometer TILT_RAD...\n");
		return 2;
	}
	if (!create(&device))
		return fail("the device cannot be made");
	return run(&device);
}
