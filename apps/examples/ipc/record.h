/* SPDX-License-Identifier: Apache-2.0 */
/* What the examples of shared memory keep there: a record whose words are all the same, so that half of one is seen. */
#define RECORD_WORDS 256

struct record {
	uint32_t words[RECORD_WORDS];
};

static inline void fill(volatile struct record *record, uint32_t value, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		record->words[i] = value;
}

static inline int is_torn(const struct record *record)
{
	for (uint32_t i = 1; i < RECORD_WORDS; i++)
		if (record->words[i] != record->words[0])
			return 1;
	return 0;
}

/* By the one that reads, when it has seen the last. */
static inline void say_torn(uint32_t torn)
{
	printf("%" PRIu32 " records torn\n", torn);
}
