/* SPDX-License-Identifier: Apache-2.0 */
/* A message with a field of every kind, for tests of the tools: ticker publishes it, tocker reads it and answers with tocks. */
#ifndef TESTS_PROCESS_TICK_H
#define TESTS_PROCESS_TICK_H

#include <stdint.h>

#include "core/takt.h"

struct point {
	double x;
	double y;
};

struct tick {
	uint64_t count;
	int64_t i64;
	double f64;
	struct point place;
	struct point corners[2];
	uint32_t u32;
	int32_t i32;
	float f32[3];
	uint16_t u16;
	int16_t i16;
	uint8_t u8;
	int8_t i8;
	uint8_t flag;
	char text[16];
	uint8_t reserved[5];
};

struct tock {
	uint64_t count;
	double half;
};

TAKT_TYPE(point, struct point, TAKT_FIELD(struct point, x, TAKT_F64, 1, "m"),
	  TAKT_FIELD(struct point, y, TAKT_F64, 1, "m"));

TAKT_TYPE(tick, struct tick, TAKT_FIELD(struct tick, count, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct tick, i64, TAKT_I64, 1, ""), TAKT_FIELD(struct tick, f64, TAKT_F64, 1, "rad"),
	  TAKT_NESTED(struct tick, place, point, 1), TAKT_NESTED(struct tick, corners, point, 2),
	  TAKT_FIELD(struct tick, u32, TAKT_U32, 1, ""), TAKT_FIELD(struct tick, i32, TAKT_I32, 1, "counts"),
	  TAKT_FIELD(struct tick, f32, TAKT_F32, 3, "m/s^2"), TAKT_FIELD(struct tick, u16, TAKT_U16, 1, ""),
	  TAKT_FIELD(struct tick, i16, TAKT_I16, 1, "°C"), TAKT_FIELD(struct tick, u8, TAKT_U8, 1, ""),
	  TAKT_FIELD(struct tick, i8, TAKT_I8, 1, ""), TAKT_FIELD(struct tick, flag, TAKT_BOOL, 1, ""),
	  TAKT_FIELD(struct tick, text, TAKT_CHAR, 16, ""));

TAKT_TYPE(tock, struct tock, TAKT_FIELD(struct tock, count, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct tock, half, TAKT_F64, 1, ""));

#endif
