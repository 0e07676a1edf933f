/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/schedule/machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/schedule/digest.h"
#include "tests/schedule/switch.h"

#define STACK_BYTES 16384u
/* Below a stack that is left: put to zero, or what earlier calls left there would make equal states look different. */
#define STACK_CLEAN_BYTES 2048u
#define KEPT_COUNT_MAX	  20u
#define WORD_COUNT	  (MACHINE_ARENA_BYTES / sizeof(uint64_t))

struct machine machine;
_Alignas(64) unsigned char machine_arena[MACHINE_ARENA_BYTES + MACHINE_BEYOND_BYTES];
char machine_failure[256];

static _Alignas(64) unsigned char stacks[MACHINE_PARTY_COUNT_MAX][STACK_BYTES];
static unsigned char *explorer_sp;
static void (*run_party)(uint32_t party);
static uint32_t acting;	 /* who acts while nothing is scheduled */
static uint32_t running; /* party + 1 while one runs */
static struct {
	void *memory;
	size_t bytes;
	uint32_t party;
} kept[KEPT_COUNT_MAX];
static uint32_t kept_count;
static uint32_t arena_bytes;

/* Of each word of the arena: the parties that load it, those that store it, and whether nothing depends on it. */
static struct {
	unsigned char loaded[WORD_COUNT];
	unsigned char stored[WORD_COUNT];
	unsigned char is_ignored[WORD_COUNT];
	int has_learned;
	int is_reduced;
} words;

static void require(int condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "schedule: %s\n", what);
	exit(2);
}

static unsigned char *top_of(uint32_t party)
{
	return stacks[party] + STACK_BYTES;
}

static int has_stack(const struct party *party)
{
	return party->state != PARTY_DONE && party->state != PARTY_DEAD;
}

/* ------------------------------------------------------------------------------------------------------- parties */

static void leave(void)
{
	const uint32_t self = running - 1;

	running = 0;
	switch_stack(&machine.parties[self].sp, explorer_sp);
}

static void end(uint32_t party, enum party_state state)
{
	machine.parties[party] = (struct party){.state = state};
	machine_release(party);
	for (uint32_t i = 0; i < machine.party_count; i++)
		if (machine.parties[i].state == PARTY_WAITS && machine.parties[i].target == party)
			machine.parties[i].state = PARTY_READY;
}

static void enter_party(void)
{
	const uint32_t self = running - 1;

	run_party(self);
	end(self, PARTY_DONE);
	leave();
}

void machine_begin(uint32_t party_count, uint32_t bytes, void (*run)(uint32_t party))
{
	machine = (struct machine){.party_count = party_count, .current = MACHINE_NOBODY};
	memset(machine_arena, 0, sizeof(machine_arena));
	run_party = run;
	running = 0;
	machine_failure[0] = '\0';
	kept_count = 0;
	arena_bytes = bytes;
	memset(words.is_ignored, 0, sizeof(words.is_ignored));
	machine_keep(MACHINE_NOBODY, &machine, sizeof(machine));
	machine_keep(MACHINE_NOBODY, machine_arena, arena_bytes);
	for (uint32_t i = 0; i < party_count; i++) {
		memset(stacks[i], 0, STACK_BYTES);
		machine.parties[i].sp = switch_prepare(top_of(i), enter_party);
	}
}

void machine_keep(uint32_t party, void *memory, size_t bytes)
{
	require(kept_count < KEPT_COUNT_MAX && bytes % sizeof(uint64_t) == 0, "memory that cannot be kept");
	kept[kept_count].party = party;
	kept[kept_count].memory = memory;
	kept[kept_count++].bytes = bytes;
}

void machine_ignore(const volatile void *address, size_t bytes)
{
	const size_t offset = (size_t)((const volatile unsigned char *)address - machine_arena);

	require(offset % sizeof(uint64_t) == 0 && offset + bytes <= MACHINE_ARENA_BYTES,
		"ignored bytes outside the arena");
	for (size_t i = 0; i < bytes; i += sizeof(uint64_t))
		words.is_ignored[(offset + i) / sizeof(uint64_t)] = 1;
}

/* -------------------------------------------------------------------------------------------------------- digests */

static struct digest digest_words(size_t from, size_t count)
{
	struct digest sum = {0, 0};

	for (size_t i = from; i < from + count && i < WORD_COUNT; i++) {
		uint64_t word;
		if (words.is_ignored[i])
			continue;
		memcpy(&word, machine_arena + i * sizeof(word), sizeof(word));
		const struct digest digest = digest_word(i, word);
		sum.low += digest.low;
		sum.high += digest.high;
	}
	return sum;
}

/* Only its own step changes what a party has for itself. */
static void digest_party(uint32_t party)
{
	struct party *self = &machine.parties[party];
	struct digest digest = {party, 0};

	if (!has_stack(self))
		return;
	for (uint32_t i = 0; i < kept_count; i++)
		if (kept[i].party == party)
			digest = digest_bytes(digest, kept[i].memory, kept[i].bytes);
	self->digest = digest_bytes(digest, self->sp, (size_t)(top_of(party) - self->sp));
}

struct digest machine_digest(uint64_t seed)
{
	struct digest digest = {seed, 0};

	for (uint32_t i = 0; i < kept_count; i++)
		if (kept[i].party == MACHINE_NOBODY && kept[i].memory != machine_arena)
			digest = digest_bytes(digest, kept[i].memory, kept[i].bytes);
	return digest;
}

void machine_ready(void)
{
	machine.arena_digest = digest_words(0, WORD_COUNT);
	for (uint32_t i = 0; i < machine.party_count; i++)
		digest_party(i);
}

/* What a step changes in the arena is what it was about to store: at most 16 bytes. */
#define CHANGED_WORDS 3u

void machine_step(uint32_t party)
{
	struct party *self = &machine.parties[party];
	unsigned char *bottom = stacks[party] + 256;

	const size_t offset = (uintptr_t)self->address - (uintptr_t)machine_arena;
	const int stores = self->address != NULL && offset < MACHINE_ARENA_BYTES && self->point != POINT_LOAD;
	const size_t first = stores ? offset / sizeof(uint64_t) : 0;
	const struct digest before = digest_words(first, stores ? CHANGED_WORDS : 0);

	running = party + 1;
	machine.current = party;
	switch_stack(&explorer_sp, self->sp);
	const struct digest after = digest_words(first, stores ? CHANGED_WORDS : 0);
	machine.arena_digest.low += after.low - before.low;
	machine.arena_digest.high += after.high - before.high;
	if (!has_stack(self))
		return;
	require(self->sp > bottom, "a stack is too small");
	unsigned char *from = self->sp - bottom > STACK_CLEAN_BYTES ? self->sp - STACK_CLEAN_BYTES : bottom;
	memset(from, 0, (size_t)(self->sp - from));
	digest_party(party);
}

void machine_time_out(uint32_t party)
{
	struct party *self = &machine.parties[party];

	if (machine.now_ns < self->deadline_ns)
		machine.now_ns = self->deadline_ns;
	self->state = PARTY_READY;
	self->is_woken = 0;
	machine_step(party);
}

void machine_kill(uint32_t party)
{
	machine.death_count++;
	end(party, PARTY_DEAD);
}

/* --------------------------------------------------------------------------------------------------------- copies */

static void *put(unsigned char **at, const unsigned char *last, const void *from, size_t bytes)
{
	require(bytes <= (size_t)(last - *at), "the copies of one run need more memory");
	memcpy(*at, from, bytes);
	*at += bytes;
	return *at;
}

size_t machine_save(unsigned char *copy, size_t bytes_max)
{
	unsigned char *at = copy;

	for (uint32_t i = 0; i < kept_count; i++)
		(void)put(&at, copy + bytes_max, kept[i].memory, kept[i].bytes);
	for (uint32_t i = 0; i < machine.party_count; i++)
		if (has_stack(&machine.parties[i]))
			(void)put(&at, copy + bytes_max, machine.parties[i].sp,
				  (size_t)(top_of(i) - machine.parties[i].sp));
	return (size_t)(at - copy);
}

void machine_restore(const unsigned char *copy)
{
	for (uint32_t i = 0; i < kept_count; i++) {
		memcpy(kept[i].memory, copy, kept[i].bytes);
		copy += kept[i].bytes;
	}
	/* The machine itself came first, so the stacks' places are those of the copy. */
	for (uint32_t i = 0; i < machine.party_count; i++) {
		if (!has_stack(&machine.parties[i]))
			continue;
		const size_t bytes = (size_t)(top_of(i) - machine.parties[i].sp);
		memcpy(machine.parties[i].sp, copy, bytes);
		copy += bytes;
	}
	running = 0;
}

/* --------------------------------------------------------------------------------------------- called by parties */

/* Who touches what is learned here. @retval 1 nobody else does so in a way that its order could be told */
static int is_alone(size_t word, enum point point)
{
	const unsigned char self = (unsigned char)(1u << (running - 1));
	const unsigned char loads = point != POINT_STORE ? self : 0, stores = point != POINT_LOAD ? self : 0;

	if ((words.loaded[word] & loads) != loads || (words.stored[word] & stores) != stores)
		words.has_learned = 1;
	words.loaded[word] |= loads;
	words.stored[word] |= stores;
	const unsigned char others = point == POINT_LOAD ? words.stored[word] : words.stored[word] | words.loaded[word];
	return words.is_reduced && (others & ~self) == 0;
}

void machine_point(const void *address, enum point point)
{
	if (!running)
		return;
	struct party *self = &machine.parties[running - 1];
	const size_t offset = (uintptr_t)address - (uintptr_t)machine_arena;

	self->is_alone = 0;
	if (point != POINT_KERNEL) {
		if (words.is_ignored[offset / sizeof(uint64_t)])
			return;
		self->is_alone = (uint32_t)is_alone(offset / sizeof(uint64_t), point);
		if (self->is_alone && point == POINT_LOAD)
			return;
	}
	self->address = address;
	self->point = point;
	leave();
}

void machine_forget(void)
{
	memset(words.loaded, 0, sizeof(words.loaded));
	memset(words.stored, 0, sizeof(words.stored));
}

void machine_learn(void)
{
	words.has_learned = 0;
}

int machine_has_learned(void)
{
	return words.is_reduced && words.has_learned;
}

void machine_reduce(int is_reduced)
{
	words.is_reduced = is_reduced;
}

int machine_sleep(const void *word, uint64_t deadline_ns)
{
	if (!running) {
		if (machine.now_ns < deadline_ns)
			machine.now_ns = deadline_ns;
		return 0;
	}
	struct party *self = &machine.parties[running - 1];
	self->state = PARTY_ASLEEP;
	self->word = word;
	self->deadline_ns = deadline_ns;
	leave();
	self->word = NULL;
	self->deadline_ns = 0;
	return (int)self->is_woken;
}

static uint32_t choose(uint32_t count)
{
	if (!running || count < 2)
		return 0;
	struct party *self = &machine.parties[running - 1];
	self->choice_count = count;
	leave();
	const uint32_t choice = self->choice;
	self->choice_count = 0;
	self->choice = 0;
	return choice;
}

void machine_wake(const void *word)
{
	uint32_t sleepers[MACHINE_PARTY_COUNT_MAX], count = 0;

	for (uint32_t i = 0; i < machine.party_count; i++)
		if (machine.parties[i].state == PARTY_ASLEEP && machine.parties[i].word == word)
			sleepers[count++] = i;
	if (count == 0)
		return;
	struct party *woken = &machine.parties[sleepers[choose(count)]];
	woken->state = PARTY_READY;
	woken->is_woken = 1;
}

void machine_wait_end(uint32_t party)
{
	const uint32_t state = machine.parties[party].state;

	if (!running || state == PARTY_DONE || state == PARTY_DEAD)
		return;
	machine.parties[running - 1].state = PARTY_WAITS;
	machine.parties[running - 1].target = party;
	leave();
}

uint32_t machine_actor(void)
{
	return running ? running - 1 : acting;
}

void machine_act_as(uint32_t actor)
{
	acting = actor;
}

void machine_release(uint32_t actor)
{
	for (uint32_t i = 0; i < MACHINE_HELD_COUNT_MAX; i++)
		if (machine.held[i].holder_plus_one == actor + 1)
			machine.held[i] = (struct held){0};
}

int machine_is_running(void)
{
	return running != 0;
}

void machine_fail(const char *format, ...)
{
	va_list arguments;

	if (machine_failure[0])
		return;
	va_start(arguments, format);
	(void)vsnprintf(machine_failure, sizeof(machine_failure), format, arguments);
	va_end(arguments);
}
