/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sensor/recording.h"

#include <csv.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <takt/message.h>

#define COLUMN_COUNT_MAX 64u
#define GRAVITY_M_S2	 9.80665
#define RAD_PER_DEG	 (3.14159265358979323846 / 180.0)

/* What a column of the file means: 0 the time, 1 to 3 gyroscope, 4 to 6 accelerometer, 7 to 9 magnetometer. */
enum {
	QUANTITY_TIME = 0,
	QUANTITY_GYRO = 1,
	QUANTITY_ACCEL = 4,
	QUANTITY_MAGNETIC = 7,
	QUANTITY_COUNT = 10,
	QUANTITY_NONE = -1
};

static const struct {
	const char *title;
	int quantity;
	double scale;
} columns[] = {
	{"Time (s)", QUANTITY_TIME, 1.0},
	{"Gyroscope # (deg/s)", QUANTITY_GYRO, RAD_PER_DEG},
	{"Gyroscope # (rad/s)", QUANTITY_GYRO, 1.0},
	{"Accelerometer # (g)", QUANTITY_ACCEL, GRAVITY_M_S2},
	{"Accelerometer # (m/s^2)", QUANTITY_ACCEL, 1.0},
	{"Magnetometer # (uT)", QUANTITY_MAGNETIC, 1.0},
};

struct reader {
	struct recording *recording;
	const char *path;
	size_t capacity;
	size_t line;
	size_t column;
	int quantity[COLUMN_COUNT_MAX];
	double scale[COLUMN_COUNT_MAX];
	double values[QUANTITY_COUNT];
	uint32_t seen;	  /* bit i: quantity i stands in this line */
	uint32_t present; /* bit i: quantity i has a column */
	double first_time_s;
	enum takt_status status;
};

static void fail(struct reader *reader, enum takt_status status, const char *what, const char *found)
{
	if (reader->status != TAKT_OK)
		return;
	reader->status = status;
	takt_message(TAKT_ERROR, "%s: line %zu, column %zu: %s, found '%.40s'", reader->path, reader->line,
		     reader->column + 1, what, found);
}

/* A title matches when it is the same but for # standing for X, Y or Z. @retval the axis, 0 to 2; -1 it does not match */
static int match_title(const char *title, const char *pattern)
{
	int axis = 0;
	for (; *pattern; title++, pattern++) {
		if (*pattern == '#' && *title >= 'X' && *title <= 'Z')
			axis = *title - 'X';
		else if (*title != *pattern)
			return -1;
	}
	return *title == '\0' ? axis : -1;
}

static void take_title(struct reader *reader, const char *title)
{
	if (reader->column >= COLUMN_COUNT_MAX) {
		fail(reader, TAKT_LIMIT, "at most 64 columns were expected", title);
		return;
	}
	reader->quantity[reader->column] = QUANTITY_NONE;
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		int axis = match_title(title, columns[i].title);
		if (axis < 0)
			continue;
		reader->quantity[reader->column] = columns[i].quantity + axis;
		reader->scale[reader->column] = columns[i].scale;
		reader->present |= 1u << (columns[i].quantity + axis);
	}
}

static void take_value(struct reader *reader, const char *text)
{
	if (reader->column >= COLUMN_COUNT_MAX || reader->quantity[reader->column] == QUANTITY_NONE)
		return;
	char *end;
	double value = strtod(text, &end);
	int quantity = reader->quantity[reader->column];
	value *= reader->scale[reader->column];
	/* A sample holds floats, and their differences must be numbers too. */
	if (end == text || *end != '\0' || !(fabs(value) <= (double)FLT_MAX)) {
		fail(reader, TAKT_INVALID, "a number was expected", text);
		return;
	}
	reader->values[quantity] = value;
	reader->seen |= 1u << quantity;
}

static void take_field(void *bytes, size_t count, void *context)
{
	struct reader *reader = context;
	const char *text = count ? bytes : "";
	if (reader->line == 1)
		take_title(reader, text);
	else
		take_value(reader, text);
	reader->column++;
}

static void check_titles(struct reader *reader)
{
	const uint32_t needed = (1u << QUANTITY_MAGNETIC) - 1u;
	if ((reader->present & needed) != needed)
		fail(reader, TAKT_INVALID,
		     "the first line must name the columns Time (s), Gyroscope X Y Z (deg/s) and Accelerometer X Y Z (g)",
		     "other titles");
}

static int make_room(struct reader *reader)
{
	struct recording *recording = reader->recording;
	if (recording->sample_count < reader->capacity)
		return 1;
	if (reader->capacity >= RECORDING_SAMPLES_MAX) {
		fail(reader, TAKT_LIMIT, "at most 10000000 samples were expected", "more");
		return 0;
	}
	size_t capacity = reader->capacity ? 2 * reader->capacity : 4096;
	struct recorded_sample *samples = realloc(recording->samples, capacity * sizeof(*samples));
	if (samples == NULL) {
		fail(reader, TAKT_NO_SPACE, "memory for the recording was expected", "none");
		return 0;
	}
	recording->samples = samples;
	reader->capacity = capacity;
	return 1;
}

static void add_sample(struct reader *reader)
{
	struct recording *recording = reader->recording;
	if ((reader->seen & reader->present) != reader->present) {
		fail(reader, TAKT_INVALID, "as many values as columns were expected", "fewer");
		return;
	}
	if (!make_room(reader))
		return;
	if (recording->sample_count == 0)
		reader->first_time_s = reader->values[QUANTITY_TIME];
	struct recorded_sample *sample = &recording->samples[recording->sample_count];
	sample->time_s = reader->values[QUANTITY_TIME] - reader->first_time_s;
	if (recording->sample_count && sample->time_s <= sample[-1].time_s) {
		fail(reader, TAKT_INVALID, "a time later than the line before was expected", "an earlier one");
		return;
	}
	for (int i = 0; i < 3; i++) {
		sample->imu.gyro[i] = (float)reader->values[QUANTITY_GYRO + i];
		sample->imu.accel[i] = (float)reader->values[QUANTITY_ACCEL + i];
		sample->imu.magnetic[i] = (float)reader->values[QUANTITY_MAGNETIC + i];
	}
	sample->imu.flags = reader->present >> QUANTITY_MAGNETIC == 7u ? IMU_MAGNETIC_VALID : 0;
	recording->sample_count++;
}

static void take_line(int terminator, void *context)
{
	struct reader *reader = context;
	(void)terminator;
	if (reader->status == TAKT_OK && reader->line == 1)
		check_titles(reader);
	else if (reader->status == TAKT_OK && reader->seen)
		add_sample(reader);
	reader->line++;
	reader->column = 0;
	reader->seen = 0;
}

static void parse_file(struct reader *reader, FILE *file, struct csv_parser *parser)
{
	char chunk[16384];
	size_t count;
	while (reader->status == TAKT_OK && (count = fread(chunk, 1, sizeof(chunk), file)) > 0)
		if (csv_parse(parser, chunk, count, take_field, take_line, reader) != count)
			fail(reader, TAKT_INVALID, csv_strerror(csv_error(parser)), "");
	if (reader->status == TAKT_OK && ferror(file))
		fail(reader, TAKT_SYSTEM, "the rest of the file was expected", "a read error");
	if (reader->status == TAKT_OK)
		(void)csv_fini(parser, take_field, take_line, reader);
	if (reader->status == TAKT_OK && reader->recording->sample_count == 0)
		fail(reader, TAKT_INVALID, "at least one sample was expected", "none");
}

enum takt_status recording_read(struct recording *recording, const char *path)
{
	struct recording found = {0};
	struct reader reader = {.recording = &found, .path = path, .line = 1};
	struct csv_parser parser;
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		takt_message(TAKT_ERROR, "recording %s: cannot be opened; give the path of an existing CSV file", path);
		return TAKT_ABSENT;
	}
	if (csv_init(&parser, CSV_APPEND_NULL | CSV_STRICT_FINI) != 0) {
		(void)fclose(file);
		return TAKT_NO_SPACE;
	}
	parse_file(&reader, file, &parser);
	csv_free(&parser);
	(void)fclose(file);
	if (reader.status != TAKT_OK)
		recording_free(&found);
	else
		*recording = found;
	return reader.status;
}

void recording_free(struct recording *recording)
{
	free(recording->samples);
	*recording = (struct recording){0};
}
