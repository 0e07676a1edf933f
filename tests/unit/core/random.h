/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that look random and are the same in every run. */
#ifndef TAKT_TEST_CORE_RANDOM_H
#define TAKT_TEST_CORE_RANDOM_H

#include <stdint.h>

static uint64_t random_state = 1;

/* Source: Steele, Lea, Flood 2014, SplitMix64. */
static inline uint64_t next_random(void)
{
	uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

#endif
