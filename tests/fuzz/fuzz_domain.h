/* SPDX-License-Identifier: Apache-2.0 */
/* A small domain in the process's private folder, for targets whose bytes lie in shared memory or reach a node. */
#ifndef TAKT_TEST_FUZZ_DOMAIN_H
#define TAKT_TEST_FUZZ_DOMAIN_H

#include "core/config.h"
#include "core/node.h"
#include "core/parameter.h"
#include "core/type.h"

#define FUZZ_DOMAIN "fuzz"

/* What its topics carry. */
struct fuzz_sample {
	double position;
	uint32_t count;
	int16_t pair[2];
	char text[8];
};

TAKT_TYPE(fuzz_sample, struct fuzz_sample, TAKT_FIELD(struct fuzz_sample, position, TAKT_F64, 1, "m"),
	  TAKT_FIELD(struct fuzz_sample, count, TAKT_U32, 1, ""),
	  TAKT_FIELD(struct fuzz_sample, pair, TAKT_I16, 2, "rad/s"),
	  TAKT_FIELD(struct fuzz_sample, text, TAKT_CHAR, 8, ""));

/* One parameter of every kind. */
struct fuzz_gains {
	double kp;
	uint64_t u64;
	int64_t i64;
	float f32;
	uint32_t u32;
	int32_t i32;
	uint16_t u16;
	int16_t i16;
	uint8_t u8;
	int8_t i8;
	uint8_t on;
};

TAKT_PARAMETERS(fuzz_gains, struct fuzz_gains,
		TAKT_PARAMETER(struct fuzz_gains, kp, TAKT_F64, 12.0, 0.0, 100.0, "V/rad"),
		TAKT_PARAMETER(struct fuzz_gains, u64, TAKT_U64, 7, 0, 9007199254740992.0, ""),
		TAKT_PARAMETER(struct fuzz_gains, i64, TAKT_I64, -7, -9007199254740992.0, 9007199254740992.0, ""),
		TAKT_PARAMETER(struct fuzz_gains, f32, TAKT_F32, 0.5, -3.4028234663852886e38, 3.4028234663852886e38,
			       "m"),
		TAKT_PARAMETER(struct fuzz_gains, u32, TAKT_U32, 1, 0, 4294967295.0, ""),
		TAKT_PARAMETER(struct fuzz_gains, i32, TAKT_I32, 0, -2147483648.0, 2147483647.0, ""),
		TAKT_PARAMETER(struct fuzz_gains, u16, TAKT_U16, 3, 0, 65535, ""),
		TAKT_PARAMETER(struct fuzz_gains, i16, TAKT_I16, 0, -32768, 32767, ""),
		TAKT_PARAMETER(struct fuzz_gains, u8, TAKT_U8, 4, 0, 255, ""),
		TAKT_PARAMETER(struct fuzz_gains, i8, TAKT_I8, 0, -128, 127, ""),
		TAKT_PARAMETER(struct fuzz_gains, on, TAKT_BOOL, 1, 0, 1, ""));

/* Writes the config file and gives its path. Nodes: `victim` writes `one` and `many` and has parameters, saved in gains.txt;
 * `witness` writes `many` and reads both. */
const char *fuzz_domain_config(void);

/* Joins as one of them; it must succeed. */
void fuzz_domain_join(struct takt_node *node, const char *name);

/* Fails unless all values are within the described ranges, whole where their kind is. */
void fuzz_domain_check_gains(const struct takt_parameters *parameters);

#endif
