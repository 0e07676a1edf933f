/* SPDX-License-Identifier: Apache-2.0 */
/* The liar: scribbles over everything that a member, or a publisher, may write. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/layout.h"
#include "core/protocol/ring.h"
#include "tests/hostile/engine.h"

#define LINE_BYTES 64u

uint64_t engine_random(struct engine *engine)
{
	return world_random(&engine->random);
}

static uint64_t token_of_somebody(struct engine *engine)
{
	const uint64_t token = atomic_load(&page->living_tokens[engine_random(engine) % WORKER_COUNT_MAX]);

	/* A living one, the liar's own, one that nobody has, or none that can be. */
	switch (engine_random(engine) % 4) {
	case 0:
		return engine->own_token;
	case 1:
		return engine_random(engine) & TAKT_OS_TOKEN_MAX;
	case 2:
		return engine_random(engine) | UINT64_C(1) << 62;
	default:
		return token;
	}
}

uint64_t engine_value(struct engine *engine, uint64_t now)
{
	static const uint64_t boundaries[] = {0,
					      1,
					      2,
					      0x7f,
					      0xff,
					      0xffff,
					      0x7fffffff,
					      0x80000000,
					      0xffffffff,
					      UINT64_C(0x7fffffffffffffff),
					      UINT64_C(0x8000000000000000),
					      UINT64_MAX};
	const uint64_t random = engine_random(engine);

	switch (random % 10) {
	case 0:
		return now + 1;
	case 1:
		return now - 1;
	case 2:
		return now ^ UINT64_C(1) << (random >> 8) % 64;
	case 3:
		return now + (random >> 8) % 64;
	case 4:
		return token_of_somebody(engine);
	case 5:
		return token_of_somebody(engine) | TAKT_CONTENDED_BIT;
	case 6:
		return engine_random(engine);
	case 7:
		return engine_random(engine) >> (random >> 8) % 64;
	default:
		return boundaries[(random >> 8) % (sizeof(boundaries) / sizeof(boundaries[0]))];
	}
}

void engine_store(const struct target *target, size_t offset, uint64_t value, unsigned bytes)
{
	if (offset + bytes > target->bytes)
		return;
	/* Relaxed: no order makes a lie better. */
	if (bytes == 8)
		atomic_store_explicit((_Atomic uint64_t *)(void *)(target->base + offset), value, memory_order_relaxed);
	else if (bytes == 4)
		atomic_store_explicit((_Atomic uint32_t *)(void *)(target->base + offset), (uint32_t)value,
				      memory_order_relaxed);
	else
		atomic_store_explicit((_Atomic uint8_t *)(target->base + offset), (uint8_t)value, memory_order_relaxed);
}

uint64_t engine_load(const struct target *target, size_t offset)
{
	return atomic_load_explicit((_Atomic uint64_t *)(void *)(target->base + offset), memory_order_relaxed);
}

/* ------------------------------------------------------------------------------------------- attacks on anything */

static size_t below(struct engine *engine, size_t bound)
{
	return (size_t)(engine_random(engine) % bound);
}

/* A word in a range of the segment becomes something else. */
static void scribble(struct engine *engine, const struct target *target, size_t first, size_t bytes)
{
	const size_t offset = first + below(engine, bytes / 8) * 8;
	const unsigned width = engine_random(engine) % 4;
	const uint64_t value = engine_value(engine, engine_load(target, offset));

	if (width == 0)
		engine_store(target, offset + below(engine, 8), value, 1);
	else if (width == 1)
		engine_store(target, offset + below(engine, 2) * 4, value, 4);
	else
		engine_store(target, offset, value, 8);
}

static void swap_words(struct engine *engine, const struct target *target)
{
	const size_t a = below(engine, target->bytes / 8) * 8;
	const size_t b = below(engine, target->bytes / 8) * 8;
	const uint64_t value = engine_load(target, a);

	engine_store(target, a, engine_load(target, b), 8);
	engine_store(target, b, value, 8);
}

/* What stood there once, or what stood somewhere else. */
static void replay_line(struct engine *engine, const struct target *target)
{
	const size_t lines = target->bytes / LINE_BYTES;
	const size_t to = below(engine, lines) * LINE_BYTES;
	const size_t from = engine_random(engine) % 2 ? to : below(engine, lines) * LINE_BYTES;

	for (size_t i = 0; i < LINE_BYTES; i += 8) {
		uint64_t word;
		memcpy(&word, target->copy + from + i, 8);
		engine_store(target, to + i, word, 8);
	}
}

static void scribble_anywhere(struct engine *engine, const struct target *target)
{
	scribble(engine, target, 0, target->bytes);
}

static void scribble_head(struct engine *engine, const struct target *target)
{
	scribble(engine, target, 0, 512);
}

/* ------------------------------------------------------------------------------------------- attacks on a topic */

static const struct takt_topic_shm *constants_of(const struct target *target)
{
	return (const void *)target->copy;
}

static size_t cell_offset(const struct target *target, uint64_t number)
{
	return (size_t)(constants_of(target)->cells_offset + (number & (constants_of(target)->depth - 1)) * 8);
}

static void lie_in_a_cell(struct engine *engine, const struct target *target)
{
	const struct takt_topic_shm *constants = constants_of(target);
	const uint64_t number =
		engine_load(target, offsetof(struct takt_topic_shm, head)) + engine_random(engine) % 4 - 1;
	uint64_t slot_index = engine_random(engine);

	switch (engine_random(engine) % 5) {
	case 0: /* the first that there is not, and the last that can be written */
		slot_index = engine_random(engine) % 2 ? constants->slot_count : TAKT_CELL_SLOT_MASK;
		break;
	case 1: /* one that a spare names: it is being written, or will be next */
		slot_index = engine_load(target, (size_t)constants->spares_offset +
							 below(engine, constants->spare_count) * 16 + 8);
		break;
	case 2: /* one that another cell names */
		slot_index = engine_load(target, cell_offset(target, engine_random(engine)));
		break;
	default:
		break;
	}
	engine_store(target, cell_offset(target, number), takt_cell_pack(number, (uint32_t)slot_index & 0xffff), 8);
}

static void lie_in_head(struct engine *engine, const struct target *target)
{
	const size_t offset = offsetof(struct takt_topic_shm, head);
	const uint64_t now = engine_load(target, offset);
	const uint64_t back = now - engine_random(engine) % 64;

	engine_store(target, offset, engine_random(engine) % 3 ? back : engine_value(engine, now), 8);
}

/* The lap that a reader is in moves away under it, cells and head together. */
static void lie_in_all_cells(struct engine *engine, const struct target *target)
{
	const uint64_t by = engine_random(engine) % 2 ? engine_random(engine) % 100 : engine_random(engine) >> 20;
	const uint64_t head = engine_load(target, offsetof(struct takt_topic_shm, head)) + by;

	for (uint64_t i = 0; i < constants_of(target)->depth; i++) {
		const uint64_t number = head - i;
		const uint64_t slot_index = engine_load(target, cell_offset(target, number));
		engine_store(target, cell_offset(target, number), takt_cell_pack(number, slot_index & 0xffff), 8);
	}
	engine_store(target, offsetof(struct takt_topic_shm, head), head, 8);
}

static void lie_in_the_description(struct engine *engine, const struct target *target)
{
	const struct takt_topic_shm *constants = constants_of(target);

	switch (engine_random(engine) % 4) {
	case 0:
		scribble(engine, target, offsetof(struct takt_topic_shm, description.type_hash), 16);
		break;
	case 1: /* more fields than there is room for, and a hash that says that they are there */
		engine_store(target, offsetof(struct takt_topic_shm, description.type_hash), engine_random(engine) | 1,
			     8);
		engine_store(target, offsetof(struct takt_topic_shm, description.field_count),
			     TAKT_FIELD_COUNT_MAX + 1 + engine_random(engine) % 1000000, 4);
		break;
	case 2:
		scribble(engine, target, (size_t)constants->fields_offset, 4 * sizeof(struct takt_field_shm));
		break;
	default: /* text without an end */
		memset(target->base + constants->fields_offset, 'x', sizeof(struct takt_field_shm));
	}
}

static void lie_in_the_lock(struct engine *engine, const struct target *target)
{
	const size_t lock = offsetof(struct takt_topic_shm, lock);

	if (engine_random(engine) % 2)
		scribble(engine, target, lock, sizeof(struct takt_lock_shm));
	else /* often free again, or nobody publishes any more */
		engine_store(target, lock, engine_random(engine) % 4 ? 0 : token_of_somebody(engine), 8);
}

static void lie_in_the_spares(struct engine *engine, const struct target *target)
{
	const struct takt_topic_shm *constants = constants_of(target);
	const uint64_t same = engine_random(engine) % constants->slot_count;

	for (uint32_t i = 0; i < constants->spare_count; i++) {
		const size_t spare = (size_t)constants->spares_offset + i * sizeof(struct takt_spare_shm);
		switch (engine_random(engine) % 4) {
		case 0:
			engine_store(target, spare, 0, 8);
			break;
		case 1:
			engine_store(target, spare, token_of_somebody(engine), 8);
			break;
		case 2:
			engine_store(target, spare + 8, same, 4);
			break;
		default:
			engine_store(target, spare + 8, engine_value(engine, same), 4);
		}
	}
}

static void lie_in_a_slot(struct engine *engine, const struct target *target)
{
	const struct takt_topic_shm *constants = constants_of(target);

	scribble(engine, target,
		 (size_t)constants->slots_offset + below(engine, constants->slot_count) * constants->slot_bytes,
		 sizeof(struct takt_slot_shm) + 16);
}

static void lie_in_the_constants(struct engine *engine, const struct target *target)
{
	scribble(engine, target, 128, 128);
}

/* ------------------------------------------------------------------------------------------ attacks on the roster */

static const struct takt_roster_shm *roster_of(const struct target *target)
{
	return (const void *)target->copy;
}

static void lie_in_the_pins(struct engine *engine, const struct target *target)
{
	const struct takt_roster_shm *roster = roster_of(target);
	const uint64_t way = engine_random(engine) % 4;

	for (uint32_t i = 0; i < roster->pin_count; i++) {
		const size_t pin = (size_t)roster->pins_offset + i * sizeof(struct takt_pin_shm);
		if (way == 0)
			engine_store(target, pin + 8, 1 + engine_random(engine) % 80, 4);
		else if (way == 1)
			engine_store(target, pin + 8, 0, 4);
		else if (engine_random(engine) % 3 == 0)
			engine_store(target, pin, token_of_somebody(engine), 8);
		else
			engine_store(target, pin + 8, engine_value(engine, 0), 4);
	}
}

static void lie_in_the_masks(struct engine *engine, const struct target *target)
{
	const struct takt_roster_shm *roster = roster_of(target);

	for (uint32_t i = 0; i < roster->topic_count; i++)
		engine_store(target, (size_t)roster->masks_offset + i * sizeof(struct takt_mask_shm),
			     engine_random(engine) % 2 ? UINT64_MAX : engine_value(engine, 0), 8);
}

static void lie_in_the_wake_words(struct engine *engine, const struct target *target)
{
	const struct takt_roster_shm *roster = roster_of(target);
	const uint32_t index = (uint32_t)(engine_random(engine) % roster->waiter_count);

	scribble(engine, target, (size_t)roster->waiters_offset + index * sizeof(struct takt_roster_waiter_shm),
		 sizeof(struct takt_roster_waiter_shm));
}

static void lie_about_the_nodes(struct engine *engine, const struct target *target)
{
	const struct takt_roster_shm *roster = roster_of(target);
	const uint32_t index = (uint32_t)(engine_random(engine) % roster->node_count);

	engine_store(target, (size_t)roster->nodes_offset + index * sizeof(struct takt_roster_node_shm),
		     engine_random(engine) % 2 ? 0 : token_of_somebody(engine), 8);
}

static void lie_in_the_tables(struct engine *engine, const struct target *target)
{
	const size_t offsets = offsetof(struct takt_roster_shm, nodes_offset);

	/* One of the five offsets leads far away, or the head and the tables are what they are not. */
	if (engine_random(engine) % 2)
		engine_store(target, offsets + below(engine, 5) * 8, engine_random(engine) % (1u << 30) & ~63u, 8);
	else
		scribble(engine, target, 0, (size_t)roster_of(target)->masks_offset);
}

/* ------------------------------------------------------------------------------------------------------- the whole */

struct attack {
	const char *name;
	void (*run)(struct engine *engine, const struct target *target);
	enum engine_role role;
	unsigned weight;
};

static const struct attack attacks[] = {
	{"roster: any word", scribble_anywhere, ENGINE_SUBSCRIBER, 4},
	{"roster: swaps", swap_words, ENGINE_SUBSCRIBER, 2},
	{"roster: replays", replay_line, ENGINE_SUBSCRIBER, 6},
	{"roster: pins", lie_in_the_pins, ENGINE_SUBSCRIBER, 4},
	{"roster: masks", lie_in_the_masks, ENGINE_SUBSCRIBER, 4},
	{"roster: wake words", lie_in_the_wake_words, ENGINE_SUBSCRIBER, 4},
	{"roster: nodes' tokens", lie_about_the_nodes, ENGINE_SUBSCRIBER, 4},
	{"roster: head, tables", lie_in_the_tables, ENGINE_SUBSCRIBER, 4},
	{"topic: any word", scribble_anywhere, ENGINE_PUBLISHER, 4},
	{"topic: swaps", swap_words, ENGINE_PUBLISHER, 2},
	{"topic: replays", replay_line, ENGINE_PUBLISHER, 6},
	{"topic: head of the segment", scribble_head, ENGINE_PUBLISHER, 2},
	{"topic: constants", lie_in_the_constants, ENGINE_PUBLISHER, 2},
	{"topic: cells", lie_in_a_cell, ENGINE_PUBLISHER, 8},
	{"topic: all cells", lie_in_all_cells, ENGINE_PUBLISHER, 1},
	{"topic: newest number", lie_in_head, ENGINE_PUBLISHER, 4},
	{"topic: description", lie_in_the_description, ENGINE_PUBLISHER, 4},
	{"topic: lock", lie_in_the_lock, ENGINE_PUBLISHER, 4},
	{"topic: spares", lie_in_the_spares, ENGINE_PUBLISHER, 4},
	{"topic: slots", lie_in_a_slot, ENGINE_PUBLISHER, 6},
};
#define ATTACK_COUNT (sizeof(attacks) / sizeof(attacks[0]))
_Static_assert(ATTACK_COUNT <= 32, "each has a counter");

static const struct attack *choose(struct engine *engine)
{
	unsigned total = 0;

	for (size_t i = 0; i < ATTACK_COUNT; i++)
		total += engine->roles & attacks[i].role ? attacks[i].weight : 0;
	uint64_t left = engine_random(engine) % total;
	for (size_t i = 0; i < ATTACK_COUNT; i++) {
		const unsigned weight = engine->roles & attacks[i].role ? attacks[i].weight : 0;
		if (left < weight)
			return &attacks[i];
		left -= weight;
	}
	return &attacks[0];
}

void engine_mutate(struct engine *engine, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct attack *attack = choose(engine);
		const struct target *target = attack->role == ENGINE_SUBSCRIBER
						      ? &engine->targets[TARGET_ROSTER]
						      : &engine->targets[TARGET_OWN + engine_random(engine) % 2];

		attack->run(engine, target);
		atomic_fetch_add_explicit(&page->attacks[attack - attacks], 1, memory_order_relaxed);
	}
	atomic_fetch_add_explicit(&page->mutations, count, memory_order_relaxed);
}

void engine_heal(struct engine *engine)
{
	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		const struct target *target = &engine->targets[t];
		const enum engine_role role = t == TARGET_ROSTER ? ENGINE_SUBSCRIBER : ENGINE_PUBLISHER;
		if (!(engine->roles & role))
			continue;
		for (size_t i = 0; i < target->bytes; i += 8) {
			uint64_t word;
			memcpy(&word, target->copy + i, 8);
			engine_store(target, i, word, 8);
		}
	}
	atomic_fetch_add_explicit(&page->heals, 1, memory_order_relaxed);
}

void engine_report(void)
{
	for (size_t i = 0; i < ATTACK_COUNT; i++)
		(void)printf("%-28s %llu\n", attacks[i].name, (unsigned long long)atomic_load(&page->attacks[i]));
}

static void map_target(struct target *target, const char *object)
{
	char path[PATH_BYTES];
	struct stat found;

	world_path(path, object);
	const int file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0 || fstat(file, &found) != 0) {
		perror(path);
		exit(2);
	}
	target->bytes = (size_t)found.st_size / 8 * 8;
	target->base = mmap(NULL, target->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	target->copy = malloc(target->bytes);
	if (target->base == MAP_FAILED || target->copy == NULL)
		exit(2);
	memcpy(target->copy, target->base, target->bytes);
	(void)close(file);
}

struct engine *engine_open(unsigned roles, uint64_t seed)
{
	static struct engine engine;

	engine = (struct engine){.random = seed | 1, .roles = roles};
	map_target(&engine.targets[TARGET_ROSTER], "roster");
	map_target(&engine.targets[TARGET_OWN], "topic.own");
	map_target(&engine.targets[TARGET_MIXED], "topic.mixed");
	engine_presence_open(&engine);
	return &engine;
}
