/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real inertial sensor of Linux's industrial I/O, by libiio: buffered, triggered, with the device's times of measurement.
 *
 * The kernel measures at the trigger's rate and keeps the samples; each cycle of the loop takes what is there, at most one buffer's worth,
 * and publishes all of it. Nothing in a cycle waits for the device: reading is non-blocking, so the loop's period bounds how long a sample
 * lies in the kernel, and a silent or dead device delays neither commands nor the end. The age of a sample is exact all the same, because
 * its origin is the moment of measurement.
 */
#include <iio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/robot/types.h"
#include "apps/sensor/inertial.h"
#include "apps/sensor/source.h"
#include "platform/foreign.h"

#define KERNEL_BLOCKS 4u /* libiio asks the kernel for four times the samples of one refill */
#define TEXT_BYTES    256u
#define SILENT_NS     UINT64_C(2000000000) /* without any sample since the start: something is set up wrongly */
#define NS_PER_SECOND 1e9

struct wired_channel {
	const struct iio_channel *channel;
	struct inertial_axis axis;
	uint32_t byte_count;
	int is_signed;
};

struct iio_source {
	struct inertial_options options;
	struct iio_context *context;
	struct iio_device *device;
	const struct iio_device *trigger; /* NULL: the device needs none */
	struct iio_buffer *buffer;
	struct wired_channel channels[INERTIAL_AXIS_COUNT];
	uint32_t channel_count;
	struct iio_channel *clock; /* NULL: samples have no time of their own */
	double rate_hz;		   /* 0: the device does not say */
	uint64_t begin_ns;
	uint32_t has_complained;
	struct inertial_times times;
	struct takt_publisher imu;
	struct takt_loop loop;
};

static const char *name_of(const struct iio_device *device)
{
	const char *name = iio_device_get_name(device);
	return name ? name : iio_device_get_id(device);
}

/* Says what the system refused, once, and what it means. */
static enum takt_status refused(const struct iio_source *source, int error, const char *what, const char *remedy)
{
	char text[TEXT_BYTES];
	int number = error < 0 ? -error : error;
	iio_strerror(number, text, sizeof(text));
	takt_message(TAKT_ERROR, "sensor iio: device '%s': %s: %s%s%s", source->options.device, what, text,
		     remedy[0] ? "; " : "", remedy);
	enum takt_status status = takt_os_foreign_status(number);
	return status == TAKT_OK || status == TAKT_EMPTY ? TAKT_SYSTEM : status;
}

/* ------------------------------------------------------------------------------------------------------- device */

/* "accel_3d (iio:device0), ..." of those that are triggers, or of those that are not. */
static void list_devices(const struct iio_context *context, int triggers, char *text, size_t bytes)
{
	size_t used = 0;
	text[0] = '\0';
	for (unsigned i = 0; i < iio_context_get_devices_count(context); i++) {
		const struct iio_device *device = iio_context_get_device(context, i);
		if (iio_device_is_trigger(device) != (triggers != 0) || used >= bytes)
			continue;
		int length = snprintf(text + used, bytes - used, "%s%s (%s)", used ? ", " : "", name_of(device),
				      iio_device_get_id(device));
		used += length > 0 ? (size_t)length : 0;
	}
	if (used == 0)
		(void)snprintf(text, bytes, "none");
}

static enum takt_status find_device(struct iio_source *source)
{
	char id[64], list[TEXT_BYTES];
	const char *wanted = source->options.device;
	source->context = iio_create_local_context();
	if (source->context == NULL) {
		takt_message(
			TAKT_ERROR,
			"sensor iio: device '%s': this machine shows no industrial-I/O device at all (nothing in "
			"/sys/bus/iio/devices); expected the sensor's kernel driver to be loaded: modprobe DRIVER, "
			"or the board's device tree or overlay names the sensor",
			wanted);
		return TAKT_ABSENT;
	}
	(void)snprintf(id, sizeof(id), "iio:device%s", wanted);
	int is_number = wanted[strspn(wanted, "0123456789")] == '\0';
	source->device = iio_context_find_device(source->context, is_number ? id : wanted);
	if (source->device != NULL && !iio_device_is_trigger(source->device))
		return TAKT_OK;
	list_devices(source->context, 0, list, sizeof(list));
	takt_message(TAKT_ERROR, "sensor iio: device '%s': there is none of this name, id or number; there are: %s",
		     wanted, list);
	return TAKT_ABSENT;
}

/* ------------------------------------------------------------------------------------------------------ channels */

static enum takt_status wire_channel(struct iio_source *source, struct iio_channel *channel,
				     const struct inertial_axis *axis)
{
	const struct iio_data_format *format = iio_channel_get_data_format(channel);
	struct wired_channel *wired = &source->channels[source->channel_count];
	double number;
	*wired = (struct wired_channel){.channel = channel,
					.axis = *axis,
					.byte_count = format->length / 8,
					.is_signed = format->is_signed};
	if (!inertial_raw_value(&(uint64_t){0}, wired->byte_count, 0, &number) || format->repeat > 1) {
		takt_message(
			TAKT_ERROR,
			"sensor iio: device '%s': channel %s has values of %u bits, %u of them; expected one of 8, "
			"16, 32 or 64 bits",
			source->options.device, iio_channel_get_id(channel), format->length, format->repeat);
		return TAKT_UNSUPPORTED;
	}
	if (iio_channel_attr_read_double(channel, "scale", &number) == 0)
		wired->axis.scale *= number;
	else
		takt_message(TAKT_WARNING,
			     "sensor iio: device '%s': channel %s has no scale; its raw values are taken for SI units",
			     source->options.device, iio_channel_get_id(channel));
	if (iio_channel_attr_read_double(channel, "offset", &number) == 0)
		wired->axis.offset = number;
	iio_channel_enable(channel);
	source->channel_count++;
	return TAKT_OK;
}

/* Enables what is wanted and there, and nothing else. */
static enum takt_status choose_channels(struct iio_source *source)
{
	uint32_t found = 0;
	for (unsigned i = 0; i < iio_device_get_channels_count(source->device); i++) {
		struct iio_channel *channel = iio_device_get_channel(source->device, i);
		struct inertial_axis axis;
		iio_channel_disable(channel);
		if (!iio_channel_is_scan_element(channel) || iio_channel_is_output(channel))
			continue;
		if (strcmp(iio_channel_get_id(channel), "timestamp") == 0) {
			source->clock = channel;
			iio_channel_enable(channel);
			continue;
		}
		if (!inertial_axis_of(&axis, iio_channel_get_id(channel)) ||
		    (source->options.sensors && !(source->options.sensors & inertial_axis_sensor(&axis))))
			continue;
		enum takt_status status =
			source->channel_count < INERTIAL_AXIS_COUNT ? wire_channel(source, channel, &axis) : TAKT_LIMIT;
		if (status != TAKT_OK)
			return status;
		found |= inertial_axis_sensor(&axis);
	}
	if (found == 0 || (source->options.sensors & ~found) != 0) {
		takt_message(TAKT_ERROR,
			     "sensor iio: device '%s': it has no buffered channels %s; its buffer needs accel_x, "
			     "anglvel_x or magn_x and their like (/sys/bus/iio/devices/%s/scan_elements)",
			     source->options.device,
			     found ? "of all that `channels=` asks for" : "of an inertial sensor",
			     iio_device_get_id(source->device));
		return TAKT_UNSUPPORTED;
	}
	return TAKT_OK;
}

/* The device stamps with takt's own clock, or not at all. */
static void set_clock(struct iio_source *source)
{
	static const char wanted[] = "monotonic";
	const char *why = "has no timestamp channel";
	if (source->clock != NULL) {
		if (iio_device_attr_write(source->device, "current_timestamp_clock", wanted) >= 0)
			return;
		why = "cannot be set to the monotonic clock (current_timestamp_clock)";
		iio_channel_disable(source->clock);
		source->clock = NULL;
	}
	takt_message(TAKT_WARNING, "sensor iio: device '%s' %s; the times of reading stand for those of measurement",
		     source->options.device, why);
}

/* ------------------------------------------------------------------------------------------------ trigger and rate */

/* A trigger of this name, or the one that belongs to the device: the kernel names it DEVICE-devN. */
static const struct iio_device *find_trigger(const struct iio_source *source, const char *wanted)
{
	const char *owner = name_of(source->device);
	char prefix[TEXT_BYTES];
	(void)snprintf(prefix, sizeof(prefix), "%s-dev", owner);
	for (unsigned i = 0; i < iio_context_get_devices_count(source->context); i++) {
		const struct iio_device *device = iio_context_get_device(source->context, i);
		if (iio_device_is_trigger(device) &&
		    (wanted ? strcmp(name_of(device), wanted) == 0 || strcmp(iio_device_get_id(device), wanted) == 0
			    : strncmp(name_of(device), prefix, strlen(prefix)) == 0))
			return device;
	}
	return NULL;
}

static enum takt_status choose_trigger(struct iio_source *source)
{
	char list[TEXT_BYTES];
	const char *wanted = source->options.trigger;
	int result = iio_device_get_trigger(source->device, &source->trigger);
	if (result == 0 && source->trigger != NULL && wanted == NULL)
		return TAKT_OK;
	/* A buffer that the hardware fills has no trigger to choose. */
	if (result != 0 && wanted == NULL && takt_os_foreign_status(result) == TAKT_ABSENT)
		return TAKT_OK;
	source->trigger = find_trigger(source, wanted);
	if (source->trigger == NULL) {
		list_devices(source->context, 1, list, sizeof(list));
		takt_message(TAKT_ERROR,
			     "sensor iio: device '%s': it needs a trigger and %s%s%s; there are: %s. A timer's is made "
			     "with: modprobe iio-trig-hrtimer && mkdir /sys/kernel/config/iio/triggers/hrtimer/NAME; "
			     "then trigger=NAME",
			     source->options.device, wanted ? "there is none called '" : "has none of its own",
			     wanted ? wanted : "", wanted ? "'" : "", list);
		return TAKT_ABSENT;
	}
	result = iio_device_set_trigger(source->device, source->trigger);
	return result == 0
		       ? TAKT_OK
		       : refused(source, result, "its trigger cannot be set",
				 "only root may, unless a udev rule permits it; another program may use the device");
}

/* Where a device keeps its rate: with its channels, by itself, or in its trigger. */
static int write_rate(const struct iio_source *source, double rate_hz)
{
	int is_set = 0;
	for (uint32_t i = 0; i < source->channel_count; i++) {
		const struct iio_channel *channel = source->channels[i].channel;
		is_set += iio_channel_attr_write_double(channel, "sampling_frequency", rate_hz) == 0;
	}
	is_set += iio_device_attr_write_double(source->device, "sampling_frequency", rate_hz) == 0;
	if (source->trigger != NULL)
		is_set += iio_device_attr_write_double(source->trigger, "sampling_frequency", rate_hz) == 0;
	return is_set != 0;
}

static double read_rate(const struct iio_source *source)
{
	double rate_hz = 0.0;
	if (source->trigger != NULL &&
	    iio_device_attr_read_double(source->trigger, "sampling_frequency", &rate_hz) == 0)
		return rate_hz;
	if (iio_channel_attr_read_double(source->channels[0].channel, "sampling_frequency", &rate_hz) == 0 ||
	    iio_device_attr_read_double(source->device, "sampling_frequency", &rate_hz) == 0)
		return rate_hz;
	return 0.0;
}

static enum takt_status set_rate(struct iio_source *source)
{
	double wanted_hz = source->options.rate_hz;
	if (wanted_hz > 0.0 && !write_rate(source, wanted_hz)) {
		takt_message(
			TAKT_ERROR,
			"sensor iio: device '%s': it does not take rate_hz=%g: no sampling_frequency of its channels, "
			"itself or its trigger could be set; leave rate_hz out, choose one of "
			"/sys/bus/iio/devices/%s/*sampling_frequency_available, or run as a user who may write there",
			source->options.device, wanted_hz, iio_device_get_id(source->device));
		return TAKT_INVALID;
	}
	source->rate_hz = read_rate(source);
	if (source->rate_hz > 0.0)
		source->times.period_ns = (uint64_t)(NS_PER_SECOND / source->rate_hz);
	return TAKT_OK;
}

/* ------------------------------------------------------------------------------------------------ opening, closing */

static enum takt_status open_buffer(struct iio_source *source)
{
	uint32_t count = (source->options.buffer_samples + KERNEL_BLOCKS - 1) / KERNEL_BLOCKS;
	char remedy[TEXT_BYTES];
	(void)snprintf(remedy, sizeof(remedy),
		       "expected: the right to read /dev/%s and to write /sys/bus/iio/devices/%s/buffer, and no other "
		       "program that uses it",
		       iio_device_get_id(source->device), iio_device_get_id(source->device));
	source->buffer = iio_device_create_buffer(source->device, count, false);
	if (source->buffer == NULL)
		return refused(source, takt_os_foreign_error(), "its buffer cannot be opened", remedy);
	int result = iio_buffer_set_blocking_mode(source->buffer, false);
	return result == 0 ? TAKT_OK : refused(source, result, "reading without waiting is not supported", "");
}

static enum takt_status open_device(struct iio_source *source)
{
	enum takt_status status = find_device(source);
	if (status == TAKT_OK)
		status = choose_channels(source);
	if (status == TAKT_OK) {
		set_clock(source);
		status = choose_trigger(source);
	}
	if (status == TAKT_OK)
		status = set_rate(source);
	return status == TAKT_OK ? open_buffer(source) : status;
}

static void close_device(struct iio_source *source)
{
	if (source->buffer != NULL)
		iio_buffer_destroy(source->buffer);
	if (source->context != NULL)
		iio_context_destroy(source->context);
}

/* ---------------------------------------------------------------------------------------------------------- cycle */

static enum takt_status publish_sample(struct iio_source *source, const char *sample)
{
	struct imu imu = {.flags = 0};
	int64_t device_ns = 0;
	const char *first = iio_buffer_start(source->buffer);
	for (uint32_t i = 0; i < source->channel_count; i++) {
		const struct wired_channel *wired = &source->channels[i];
		const char *at = iio_buffer_first(source->buffer, wired->channel);
		uint64_t bytes = 0;
		double raw = 0.0;
		iio_channel_convert(wired->channel, &bytes, sample + (at - first));
		(void)inertial_raw_value(&bytes, wired->byte_count, wired->is_signed, &raw);
		inertial_imu_set(&imu, &wired->axis, raw);
	}
	if (source->clock != NULL) {
		const char *at = iio_buffer_first(source->buffer, source->clock);
		iio_channel_convert(source->clock, &device_ns, sample + (at - first));
	}
	struct takt_origin origin = takt_origin_measured(inertial_time_of(&source->times, device_ns, takt_now_ns()));
	return takt_publish(&source->imu, &imu, &origin);
}

/* A device that never began is a mistake of set-up, said once; nobody waits for data meanwhile. One that falls silent later shows by its
 * topic's deadline: STALE. */
static void complain_of_silence(struct iio_source *source)
{
	if (source->has_complained || source->times.sample_count || takt_now_ns() - source->begin_ns < SILENT_NS)
		return;
	source->has_complained = 1;
	takt_message(TAKT_WARNING,
		     "sensor iio: device '%s': no sample for 2 s; expected its trigger '%s' to fire, at a rate that is "
		     "not 0",
		     source->options.device, source->trigger ? name_of(source->trigger) : "(none)");
}

/* Publishes all that the kernel has, up to one buffer's worth. Never waits. */
static enum takt_status run_cycle(struct iio_source *source)
{
	ssize_t count = iio_buffer_refill(source->buffer);
	if (count < 0 && takt_os_foreign_status((int)count) == TAKT_EMPTY) {
		complain_of_silence(source);
		return TAKT_OK;
	}
	if (count < 0)
		return refused(
			source, (int)count,
			takt_os_foreign_status((int)count) == TAKT_CLOSED ? "it is gone" : "it cannot be read any more",
			"expected it to stay while the sensor runs; `restart: always` in the config tries again");
	ptrdiff_t step = iio_buffer_step(source->buffer);
	const char *end = iio_buffer_end(source->buffer);
	enum takt_status status = TAKT_OK;
	for (const char *sample = iio_buffer_start(source->buffer);
	     status == TAKT_OK && step > 0 && end - sample >= step; sample += step)
		status = publish_sample(source, sample);
	return status;
}

static enum takt_status do_device(void *context, const char *arguments, char *reply, uint32_t reply_bytes)
{
	const struct iio_source *source = context;
	(void)arguments;
	(void)snprintf(reply, reply_bytes,
		       "device=%s id=%s trigger=%s channels=%u rate_hz=%g clock=%s samples=%llu gaps=%llu strange=%llu",
		       name_of(source->device), iio_device_get_id(source->device),
		       source->trigger ? name_of(source->trigger) : "none", source->channel_count, source->rate_hz,
		       source->clock ? "monotonic" : "reading", (unsigned long long)source->times.sample_count,
		       (unsigned long long)source->times.gap_count, (unsigned long long)source->times.strange_count);
	return TAKT_OK;
}

static enum takt_status run_loop(struct iio_source *source, struct takt_node *node)
{
	static struct takt_command commands[1];
	commands[0] = (struct takt_command){"device", "device: the sensor's device, and what was read from it",
					    do_device, source};
	enum takt_status status = takt_publisher_attach(&source->imu, node, "imu", &takt_type_imu);
	if (status == TAKT_OK)
		status = takt_commands_set(node, commands, 1);
	if (status == TAKT_OK)
		status = takt_loop_begin(&source->loop, node, &(struct takt_loop_options){0});
	source->begin_ns = takt_now_ns();
	while (status == TAKT_OK) {
		status = takt_loop_next(&source->loop);
		if (status == TAKT_OK)
			status = run_cycle(source);
	}
	takt_loop_end(&source->loop);
	takt_publisher_detach(&source->imu);
	return status;
}

enum takt_status source_run_iio(struct takt_node *node, int argument_count, char **arguments)
{
	static struct iio_source source;
	enum takt_status status = inertial_options_read(&source.options, argument_count, arguments);
	if (status == TAKT_OK)
		status = open_device(&source);
	if (status == TAKT_OK)
		status = run_loop(&source, node);
	close_device(&source);
	return status;
}
