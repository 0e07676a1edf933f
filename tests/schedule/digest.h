/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing: not a protection against anybody, only fast and even. */
#ifndef TAKT_TEST_SCHEDULE_DIGEST_H
#define TAKT_TEST_SCHEDULE_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tests/schedule/machine.h"

/* The two halves of a 128-bit product, folded: each bit of the result depends on all bits of both. */
static inline uint64_t digest_fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	const wide product = (wide)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* One word at its place: digests of many are added up, so that one of them can be exchanged. */
static inline struct digest digest_word(uint64_t place, uint64_t word)
{
	const uint64_t keyed = place * UINT64_C(0x9e3779b97f4a7c15) + UINT64_C(0x243f6a8885a308d3);
	return (struct digest){digest_fold(word ^ UINT64_C(0xa0761d6478bd642f), keyed),
			       digest_fold(word ^ keyed, UINT64_C(0xe7037ed1a0b428db))};
}

/* A whole number of words. Two chains, so that the multiplications of one do not wait for those of the other. */
static inline struct digest digest_bytes(struct digest digest, const void *bytes, size_t count)
{
	const unsigned char *at = bytes;
	uint64_t low = digest.low ^ UINT64_C(0x8ebc6af09c88c6e3), high = digest.high ^ (uint64_t)count;

	for (size_t i = 0; i < count; i += sizeof(uint64_t)) {
		uint64_t word;
		memcpy(&word, at + i, sizeof(word));
		low = digest_fold(low ^ word, UINT64_C(0xa0761d6478bd642f) ^ i);
		high = digest_fold(high ^ word ^ UINT64_C(0x589965cc75374cc3), UINT64_C(0xe7037ed1a0b428db));
	}
	return (struct digest){low, high};
}

#endif
