/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine of a few parties, each a process of its own with a stack of its own, of which one runs at a time. A party runs from one
 * point to the next; before each access to the shared arena and each call of the kernel there is one. All that may change is copied
 * at a point and put back later: the arena, the private memory that a scenario names, the live part of each stack (the registers
 * lie on it) and the kernel's part, which is struct machine.
 */
#ifndef TAKT_TEST_SCHEDULE_MACHINE_H
#define TAKT_TEST_SCHEDULE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#define MACHINE_PARTY_COUNT_MAX 4u
#define MACHINE_SUCCESSOR	MACHINE_PARTY_COUNT_MAX /* who looks at what is left: an actor, never scheduled */
#define MACHINE_NOBODY		255u
#define MACHINE_HELD_COUNT_MAX	12u
#define MACHINE_ARENA_BYTES	4096u

enum party_state {
	PARTY_READY,
	PARTY_ASLEEP, /* until a post or its deadline */
	PARTY_WAITS,  /* until another party has ended */
	PARTY_DONE,   /* its process has ended in order; the kernel has its locks back */
	PARTY_DEAD    /* the same, between two of its instructions */
};

enum point { POINT_LOAD, POINT_STORE, POINT_EXCHANGE, POINT_KERNEL };

/* 128 bits of a hash. */
struct digest {
	uint64_t low;
	uint64_t high;
};

struct party {
	struct digest digest; /* of its stack and its private memory, which only it changes */
	unsigned char *sp;    /* its registers lie here while it does not run */
	const void *address;  /* what it is about to touch */
	const void *word;     /* on which it sleeps; NULL: until its deadline only */
	uint64_t deadline_ns;
	uint32_t state;	 /* enum party_state */
	uint32_t point;	 /* enum point */
	uint32_t target; /* whose end it waits for */
	uint32_t is_woken;
	uint32_t choice_count; /* ways in which the kernel may answer it; 0: it asked nothing */
	uint32_t choice;
	uint32_t
		is_alone; /* nobody else ever touches what it is about to store: only its death makes a difference here */
	uint32_t reserved;
};

/* A byte of a presence file that an actor holds for writing. */
struct held {
	uint64_t offset;
	uint32_t file;
	uint32_t holder_plus_one;
};

struct machine {
	struct digest arena_digest; /* kept up to date word by word */
	struct party parties[MACHINE_PARTY_COUNT_MAX];
	struct held held[MACHINE_HELD_COUNT_MAX];
	uint64_t now_ns;
	uint32_t party_count;
	uint32_t current; /* who ran last, or MACHINE_NOBODY */
	uint32_t death_count;
	uint32_t reserved;
};
extern struct machine machine;

/* Behind the arena: room for the end of a struct that does not fit and that nothing depends on (a histogram). Never copied, and no point. */
#define MACHINE_BEYOND_BYTES 8192u
extern _Alignas(64) unsigned char machine_arena[MACHINE_ARENA_BYTES + MACHINE_BEYOND_BYTES];

/* What stays the same in one scenario: not part of a copy. */
void machine_begin(uint32_t party_count, uint32_t arena_bytes, void (*run)(uint32_t party));
/* Adds private memory that a party changes. A whole number of 64-bit words. @param party MACHINE_NOBODY: that all change */
void machine_keep(uint32_t party, void *memory, size_t bytes);
/* Accesses to these bytes are no points: nothing depends on their value (statistics, times, origins that nobody looks at). */
void machine_ignore(const volatile void *address, size_t bytes);
/* Everything is prepared. */
void machine_ready(void);

/* --- by the explorer */

/* Lets a party run to its next point, its sleep or its end. */
void machine_step(uint32_t party);
/* Its sleep ends by its deadline; it runs on. */
void machine_time_out(uint32_t party);
void machine_kill(uint32_t party);
/* Copies the machine to `copy`. @retval bytes, a multiple of 8 */
size_t machine_save(unsigned char *copy, size_t bytes_max);
/* Equal for equal machines; of 10^8 different ones two are taken for one with a probability of 10^-22. */
struct digest machine_digest(uint64_t seed);

/*
 * Which parties load and store which word is learned while they run, and kept from one exploration of a scenario to the next. An
 * access that commutes with everything that the others do needs no other order: a load of what no other stores is no point, a
 * store to what no other touches is one only for a death. Once an exploration has learned nothing new, it has seen all.
 */
void machine_forget(void);
void machine_learn(void);
/* @retval 1 something was learned since machine_learn, and some schedules were left out by what was known before */
int machine_has_learned(void);
/* 0: every access is a point, and they are only noted. */
void machine_reduce(int is_reduced);
void machine_restore(const unsigned char *copy);

/* --- by parties, and by whoever prepares or checks: then nothing stops, and a sleep lasts until its deadline */

void machine_point(const void *address, enum point point);
/* @retval 1 a post ended it  @retval 0 the deadline did */
int machine_sleep(const void *word, uint64_t deadline_ns);
/* Wakes one sleeper, any one. */
void machine_wake(const void *word);
/* Until that party has ended. */
void machine_wait_end(uint32_t party);
/* Who acts: the party that runs, or whoever machine_act_as named. */
uint32_t machine_actor(void);
void machine_act_as(uint32_t actor);
/* The kernel takes back what an ended actor held. */
void machine_release(uint32_t actor);
int machine_is_running(void);

/* An invariant does not hold. The first one of a run counts. */
void machine_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern char machine_failure[256];

#endif
