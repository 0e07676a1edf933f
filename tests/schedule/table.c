/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/schedule/table.h"

#include <stdio.h>
#include <stdlib.h>

struct entry {
	struct digest key;
	double count; /* 0: empty */
};

static struct entry *entries;
static uint64_t capacity, used;

static struct entry *find(struct digest key)
{
	uint64_t at = key.low & (capacity - 1);

	while (entries[at].count != 0 && (entries[at].key.low != key.low || entries[at].key.high != key.high))
		at = (at + 1) & (capacity - 1);
	return &entries[at];
}

static void grow(void)
{
	struct entry *old = entries;
	const uint64_t old_capacity = capacity;

	capacity = capacity ? 2 * capacity : UINT64_C(1) << 16;
	entries = calloc(capacity, sizeof(*entries));
	if (entries == NULL) {
		(void)fprintf(stderr, "schedule: no memory for %llu states\n", (unsigned long long)capacity);
		exit(2);
	}
	for (uint64_t i = 0; i < old_capacity; i++)
		if (old[i].count != 0)
			*find(old[i].key) = old[i];
	free(old);
}

double *table_find(struct digest key, int *is_new)
{
	if (used * 3 >= capacity * 2)
		grow();
	struct entry *entry = find(key);
	*is_new = entry->count == 0;
	if (*is_new) {
		*entry = (struct entry){key, TABLE_UNDER_WAY};
		used++;
	}
	return &entry->count;
}

uint64_t table_count(void)
{
	return used;
}

void table_clear(void)
{
	free(entries);
	entries = NULL;
	capacity = 0;
	used = 0;
}
