/* SPDX-License-Identifier: Apache-2.0 */
/* A CSV recording. What is accepted has samples whose times rise and whose values are numbers; what is refused says line and column. */
#include "apps/sensor/recording.h"

#include <math.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void check_sample(const struct recorded_sample *sample, double before_s)
{
	FUZZ_CHECK(isfinite(sample->time_s) && sample->time_s > before_s);
	for (uint32_t i = 0; i < 3; i++)
		FUZZ_CHECK(isfinite(sample->imu.gyro[i]) && isfinite(sample->imu.accel[i]) &&
			   isfinite(sample->imu.magnetic[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recording recording = {.samples = NULL, .sample_count = 77};
	char path[160];
	int descriptor = fuzz_free_descriptor();

	fuzz_listen();
	fuzz_write("recording.csv", data, size);
	fuzz_path(path, "recording.csv");
	enum takt_status status = recording_read(&recording, path);
	FUZZ_CHECK(fuzz_free_descriptor() == descriptor);
	if (status != TAKT_OK) {
		FUZZ_CHECK(status == TAKT_INVALID || status == TAKT_LIMIT);
		FUZZ_CHECK(recording.samples == NULL && recording.sample_count == 77);
		FUZZ_CHECK(fuzz_said.error_count == 1 && strstr(fuzz_said.last, "line ") != NULL);
		return 0;
	}
	FUZZ_CHECK(fuzz_said.count == 0 && recording.sample_count > 0 && recording.samples[0].time_s == 0.0);
	for (size_t i = 0; i < recording.sample_count; i++)
		check_sample(&recording.samples[i], i ? recording.samples[i - 1].time_s : -1.0);
	recording_free(&recording);
	return 0;
}
