/* SPDX-License-Identifier: Apache-2.0 */
/* A recording as a source: replayed in real time, with its own times as the times of measurement. */
#include <string.h>

#include "apps/robot/types.h"
#include "apps/sensor/recording.h"
#include "apps/sensor/source.h"

#define SAMPLES_PER_CYCLE_MAX 64u /* after a stall the rest follows in the next cycles */

struct replay {
	struct recording recording;
	struct takt_publisher imu;
	struct takt_loop loop;
	size_t next;
	uint64_t start_ns; /* when the recording's time 0 was, or will be */
	int repeats;
};

static uint64_t time_of(const struct replay *replay, size_t index)
{
	return replay->start_ns + (uint64_t)(replay->recording.samples[index].time_s * 1e9);
}

/* Publishes all that is due. @retval TAKT_STOPPED the recording has ended */
static enum takt_status run_cycle(struct replay *replay)
{
	for (uint32_t i = 0; i < SAMPLES_PER_CYCLE_MAX; i++) {
		if (replay->next == replay->recording.sample_count) {
			if (!replay->repeats)
				return TAKT_STOPPED;
			/* The next round begins one sample's distance after the last. */
			replay->start_ns = takt_now_ns();
			replay->next = 0;
		}
		uint64_t measured_ns = time_of(replay, replay->next);
		if (measured_ns > replay->loop.cycle_begin_ns)
			return TAKT_OK;
		struct takt_origin origin = takt_origin_measured(measured_ns);
		enum takt_status status =
			takt_publish(&replay->imu, &replay->recording.samples[replay->next].imu, &origin);
		if (status != TAKT_OK)
			return status;
		replay->next++;
	}
	return TAKT_OK;
}

static enum takt_status replay_all(struct replay *replay, struct takt_node *node)
{
	enum takt_status status = takt_publisher_attach(&replay->imu, node, "imu", &takt_type_imu);
	if (status == TAKT_OK)
		status = takt_loop_begin(&replay->loop, node, &(struct takt_loop_options){0});
	replay->start_ns = takt_now_ns();
	while (status == TAKT_OK) {
		status = takt_loop_next(&replay->loop);
		if (status == TAKT_OK) {
			status = run_cycle(replay);
			if (status == TAKT_STOPPED)
				takt_message(
					TAKT_INFO,
					"the recording has ended after %zu samples; topic imu gets no more and becomes stale",
					replay->next);
		}
	}
	takt_loop_end(&replay->loop);
	takt_publisher_detach(&replay->imu);
	return status;
}

enum takt_status source_run_csv(struct takt_node *node, int argument_count, char **arguments)
{
	static struct replay replay;
	if (argument_count < 1 || argument_count > 2 || (argument_count == 2 && strcmp(arguments[1], "repeat") != 0)) {
		takt_message(
			TAKT_ERROR,
			"sensor csv: expected PATH and perhaps `repeat` in the config's `arguments`, found %d arguments",
			argument_count);
		return TAKT_INVALID;
	}
	replay.repeats = argument_count == 2;
	enum takt_status status = recording_read(&replay.recording, arguments[0]);
	if (status != TAKT_OK)
		return status;
	status = replay_all(&replay, node);
	recording_free(&replay.recording);
	return status;
}
