/* SPDX-License-Identifier: Apache-2.0 */
/* When two states of the world are the same state. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/domain.h"
#include "core/layout.h"
#include "core/segment.h"
#include "tests/kill/world.h"

#define CONTENTS_BYTES_MAX (256u * 1024u)

static void forget_lock_times(struct takt_lock_shm *lock)
{
	atomic_store_explicit(&lock->wait_ns_max, 0, memory_order_relaxed);
	atomic_store_explicit(&lock->hold_ns_max, 0, memory_order_relaxed);
}

static void forget_queue_times(unsigned char *contents, uint32_t bytes)
{
	struct takt_queue_state_shm *state = (void *)contents;
	struct takt_queue_shm *queue = (void *)contents;

	if (bytes >= sizeof(*state) && state->segment.kind == TAKT_SEGMENT_STATE) {
		forget_lock_times(&state->producers);
		forget_lock_times(&state->consumers);
		memset(&state->waiting_ns, 0, sizeof(state->waiting_ns));
	}
	if (bytes < sizeof(*queue) || queue->segment.kind != TAKT_SEGMENT_QUEUE)
		return;
	for (uint32_t i = 0; i < queue->band_count * queue->depth; i++) {
		struct takt_item_shm *item = (void *)(contents + queue->slots_offset + i * queue->slot_bytes);
		atomic_store_explicit(&item->push_ns, 0, memory_order_relaxed);
		atomic_store_explicit(&item->origin_ns, 0, memory_order_relaxed);
	}
}

/* Times and statistics differ from run to run and decide nothing. */
static void forget_times(unsigned char *contents, uint32_t bytes)
{
	struct takt_sync_shm *sync = (void *)contents;
	struct takt_topic_shm *topic = (void *)contents;
	const struct takt_segment_shm *segment = (void *)contents;

	forget_queue_times(contents, bytes);
	if (bytes >= sizeof(*sync) && segment->kind == TAKT_SEGMENT_SYNC)
		forget_lock_times(&sync->lock);
	if (bytes < sizeof(*topic) || segment->kind != TAKT_SEGMENT_TOPIC)
		return;
	forget_lock_times(&topic->lock);
	for (uint32_t i = 0; i < topic->slot_count; i++) {
		struct takt_slot_shm *slot = (void *)(contents + topic->slots_offset + i * topic->slot_bytes);
		slot->publish_ns = 0;
		slot->origin_ns = 0;
	}
}

/* The number that the roster was given at random, and with it everything of the same life of the domain. */
static uint64_t instance_of(const struct world *world)
{
	struct takt_segment_shm head;

	for (uint32_t i = 0; i < world->file_count; i++) {
		const struct world_file *file = &world->files[i];
		if (strcmp(file->name, TAKT_ROSTER_NAME) != 0 || file->bytes < sizeof(head))
			continue;
		memcpy(&head, file->contents, sizeof(head));
		return head.instance;
	}
	return 0;
}

/* A token is random, and so is the instance: only whose it is counts. */
static uint64_t anonymous(uint64_t word, uint64_t instance, const uint64_t tokens[], uint32_t token_count)
{
	const uint64_t contended = UINT64_C(1) << 63;

	if (instance != 0 && word == instance)
		return UINT64_MAX;
	for (uint32_t i = 0; i < token_count; i++)
		if (tokens[i] != 0 && (word & ~contended) == tokens[i])
			return (word & contended) + 1 + i;
	return word;
}

static uint64_t digest_contents(uint64_t hash, const struct world_file *file, uint64_t instance,
				const uint64_t tokens[], uint32_t token_count)
{
	static unsigned char scratch[CONTENTS_BYTES_MAX];

	if (file->type != S_IFREG || strncmp(file->name, "node.", 5) == 0)
		return hash;
	if (file->bytes > sizeof(scratch)) {
		(void)fprintf(stderr, "kill_every: %s is too large for a digest\n", file->name);
		exit(2);
	}
	memcpy(scratch, file->contents, file->bytes);
	forget_times(scratch, file->bytes);
	for (uint32_t at = 0; at + sizeof(uint64_t) <= file->bytes; at += (uint32_t)sizeof(uint64_t)) {
		uint64_t word;
		memcpy(&word, scratch + at, sizeof(word));
		hash = (hash ^ anonymous(word, instance, tokens, token_count)) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return hash;
}

uint64_t world_digest(const uint64_t tokens[], uint32_t token_count)
{
	struct world world;
	uint64_t sum;

	world_save(&world);
	sum = world.exists + (world.unnamed[0] ? 2 * UINT64_C(8191) + world.unnamed_mode : 0);
	/* A sum, since a folder lists its names in any order. */
	for (uint32_t i = 0; i < world.file_count; i++) {
		const struct world_file *file = &world.files[i];
		uint64_t hash = takt_hash(TAKT_HASH_SEED, file->name, strlen(file->name));
		sum += digest_contents(hash, file, instance_of(&world), tokens, token_count);
	}
	world_free(&world);
	return sum;
}
