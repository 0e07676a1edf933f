/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Liars and honest processes on one domain: what they share.
 *
 *	clean	one honest publisher; liars may read it. Its account must be exact.
 *	fair	two honest publishers with a lock; liars may read it. The lock has never two owners.
 *	frozen	written once before anything begins: not a byte of its segment may change.
 *	own	the liar's own topic      mixed	a liar and an honest node publish it: all of them may be scribbled over
 */
#ifndef TAKT_TEST_HOSTILE_H
#define TAKT_TEST_HOSTILE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/node.h"
#include "core/topic.h"
#include "core/type.h"
#include "core/waiter.h"

enum topic { CLEAN, FAIR, FROZEN, OWN, MIXED, TOPIC_COUNT };
extern const char *const topic_names[TOPIC_COUNT];
extern const struct takt_type *const message_type;

#define DOMAIN		 "hostile"
#define CONFIG_BYTES	 2048
#define PATH_BYTES	 160
#define SAID_BYTES	 512
#define WORKER_COUNT_MAX 16u
#define WAIT_SLICE_NS	 UINT64_C(2000000)
#define PROGRESS_NS_MAX	 UINT64_C(10000000000) /* a process that stands still for longer hangs */
#define CALL_CPU_NS_MAX	 UINT64_C(200000000)   /* processor time of one call: far more than it needs, far from a loop */
#define CPU_LOOK_EACH	 256u		       /* calls between two looks at the processor's time */
#define GUARD_BYTES                                                                                                    \
	(UINT64_C(16) << 20) /* on either side of each mapping: a slot index of 16 bits cannot jump over it */

struct message {
	uint64_t seed;
	uint64_t words[9];
};

/* One process's figures, in a page that only the harness maps: no liar can write what is checked. */
struct place {
	_Atomic uint64_t operations; /* honest calls */
	_Atomic uint64_t
		mutated_operations; /* of them, with at least one mutation between the last one's begin and its end */
	_Atomic uint64_t outcomes[TAKT_STATUS_COUNT];
	_Atomic uint64_t call_cpu_ns_max;
	_Atomic uint64_t wait_over_ns_max; /* past its deadline */
	_Atomic uint64_t call_wall_ns_max;
	_Atomic uint64_t reports[TOPIC_COUNT]; /* messages that name the topic */
	_Atomic uint64_t published[TOPIC_COUNT];
	_Atomic uint64_t got[TOPIC_COUNT];
	_Atomic uint64_t lost[TOPIC_COUNT];
	_Atomic uint64_t skipped[TOPIC_COUNT];
	_Atomic uint64_t start[TOPIC_COUNT];
	_Atomic uint64_t next[TOPIC_COUNT];
	_Atomic uint64_t returns_overtaken;
	_Atomic uint64_t returns_unnoticed; /* a borrowed payload changed and its return did not say so */
	_Atomic uint64_t joined;
	_Atomic uint64_t commands;
	_Atomic uint32_t failures;
	_Atomic(const char *) doing; /* text of this program: the same in all its processes */
	_Atomic uint32_t topic;
	char failed[SAID_BYTES]; /* the first failure */
};

struct page {
	_Atomic uint64_t mutations;
	_Atomic uint64_t attacks[32];
	_Atomic uint64_t heals; /* whole segments put back; readers of them attach anew */
	_Atomic uint64_t starved_ns_max;
	_Atomic uint64_t semaphore_values;
	_Atomic uint32_t publishers_end;
	_Atomic uint32_t readers_end;
	_Atomic uint32_t ready_count;
	_Atomic uint32_t may_be_cut;  /* publishers of `mixed` may find it corrupt */
	_Atomic uint32_t fair_inside; /* the witness: how many believe that they own the lock of `fair` */
	_Atomic uint32_t fair_entered;
	_Atomic uint64_t instance;
	_Atomic uint64_t living_tokens[WORKER_COUNT_MAX];
	struct place places[WORKER_COUNT_MAX];
};
extern struct page *page;
extern char config_path[PATH_BYTES];
extern char root_path[PATH_BYTES];

/* ------------------------------------------------------------------------------------------------------- world.c */

/* A folder of its own and a config with this bound of locks. */
void world_begin(unsigned lock_bound_us);
/* The same with another config. */
void world_begin_with(const char *text);
/* Cleans the domain and removes the folder. @retval 1 nothing was left behind */
int world_end(void);
/* "FOLDER/takt.hostile/OBJECT" */
void world_path(char path[PATH_BYTES], const char *object);
/* Publishes `frozen` and keeps its checksum. */
void world_freeze(void);
int world_is_frozen(void);
uint64_t world_random(uint64_t *state);
void message_fill(struct message *message, uint64_t seed);
int message_is_whole(const struct message *message);

/* ------------------------------------------------------------------------------------------------------ engine.c */

/* One liar: what it may write, mapped read-write by descriptors of its own. */
struct engine;
enum engine_role { ENGINE_SUBSCRIBER = 1, ENGINE_PUBLISHER = 2 };
/* Maps everything that exists and keeps a copy of it. @param roles which kinds of liar it is, a sum */
struct engine *engine_open(unsigned roles, uint64_t seed);
/* About `count` mutations. */
void engine_mutate(struct engine *engine, unsigned count);
/* Puts the copies back. */
void engine_heal(struct engine *engine);
/* Lies about who lives: locks over the presence files. Real system calls, so not for each turn. */
void engine_lie_about_life(struct engine *engine);
/* Stores every value from `first` on, `count` of them, into a semaphore's word. @retval how many words there are */
unsigned engine_sweep(struct engine *engine, unsigned word_index, uint32_t first, uint32_t count);
/* All values of each byte and the boundary values, for each word of each semaphore's storage: `step` from 0 on; 0: all were done */
int engine_sweep_step(struct engine *engine, uint64_t step);
void engine_report(void);

/* ------------------------------------------------------------------------------------------------------ honest.c */

enum role { PUBLISH_CLEAN, PUBLISH_FAIR, PUBLISH_MIXED, READ, BORROW, WAIT, COME, COMMAND, LOOP, ROLE_COUNT };

struct worker {
	enum role role;
	const char *node_name;
	uint32_t place_index;
	struct place *place;
	uint64_t random;
	uint64_t mutations_seen;
	uint64_t heals_seen;
	uint64_t wall_ns, cpu_ns;
	uint32_t calls_since; /* the look at the processor's time */
	uint64_t refused;     /* in a row */
	enum topic topic;     /* in work */
	struct takt_node node;
	struct takt_publisher publishers[TOPIC_COUNT];
	struct takt_subscriber subscribers[TOPIC_COUNT];
	struct takt_waiter waiter;
	int is_lockstep;		/* one thread plays all parts: its processor time is nobody's in particular */
	void (*between)(void *context); /* lockstep: what the liar does while something is borrowed or locked */
	void *context;
};

/* Joins and attaches. A failure is counted. */
void worker_begin(struct worker *worker, enum role role, const char *node_name, uint32_t place_index, uint64_t seed);
/* One call, timed and checked. */
void worker_step(struct worker *worker);
/* Readers: drains and compares with what was published. */
void worker_end(struct worker *worker);
void worker_fail(struct worker *worker, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* -------------------------------------------------------------------------------------------- lockstep.c, crowd.c, cut.c */

/* One process, one thread: mutations and honest calls in turn, the same for the same seed. */
void lockstep_run(uint64_t operations, uint64_t seed);
/* Many processes at a time. */
void crowd_run(uint64_t seconds, uint64_t seed, int every_value);
/* Segments that are shrunk and punched while others use them. */
void cut_run(uint64_t rounds, uint64_t seed);

/* A process of its own that is watched: it ends well, and its place never stands still for PROGRESS_NS_MAX. */
void child_start(const char *name, uint32_t place_index, void (*body)(uint32_t place_index, uint64_t seed),
		 uint64_t seed);
/* Watches all of them until the time, or until they have ended. @retval how many still run */
unsigned children_watch(uint64_t end_ns);
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern unsigned failure_count;

#endif
