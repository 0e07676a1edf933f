/* SPDX-License-Identifier: Apache-2.0 */
/* What the storm's processes share, and what each of them does until it is killed. */
#ifndef TAKT_TEST_STORM_H
#define TAKT_TEST_STORM_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/node.h"
#include "core/topic.h"

#define STORM_LOCK_BOUND_NS (UINT64_C(5) * 1000000)
#define STORM_TOPIC_COUNT   2u
enum storm_topic { STORM_SOLO = 0, STORM_SHARED = 1 };

/* Whose sample it is and which one of its, in one number; the words follow from it. */
struct storm_message {
	uint64_t seed;
	uint64_t words[15];
};
#define STORM_SEED_PLACE_SHIFT 48u
#define STORM_SEQUENCE_MASK    ((UINT64_C(1) << STORM_SEED_PLACE_SHIFT) - 1)

#define STORM_PLACE_COUNT 8u

/* One process's place in the shared page. A process that is killed leaves its figures to the next in its place. */
struct storm_place {
	_Atomic uint64_t
		stop_count; /* raised when the storm stops it and when it goes on: a time measured across is none */
	_Atomic uint64_t
		is_shaken; /* 1: it has less of a processor than others, so its times are not those of a publish */
	_Atomic uint64_t attempted; /* the sample being published: each of a place has a number of its own, from 1 */
	_Atomic uint64_t concluded; /* the last one whose publish returned, TAKT_OK or not */
	_Atomic uint64_t published; /* publishes that returned TAKT_OK */
	_Atomic uint64_t
		doubtful; /* killed between attempt and return: published or not, its own account does not say */
	_Atomic uint64_t timeouts;
	_Atomic uint64_t publish_ns_max;
	_Atomic uint64_t running_ns_max; /* the same without the time that it waited for a processor */
	_Atomic uint64_t done;		 /* borrows, answered commands */
	_Atomic uint64_t torn;
	_Atomic uint64_t wrong;	       /* statuses and numbers that must not be */
	_Atomic uint64_t memory_first; /* private bytes of a reader when it began and when it ended */
	_Atomic uint64_t memory_last;
	_Atomic uint64_t descriptors_first;
	_Atomic uint64_t descriptors_last;
	_Atomic uint64_t got[STORM_TOPIC_COUNT];
	_Atomic uint64_t lost[STORM_TOPIC_COUNT];
	_Atomic uint64_t start[STORM_TOPIC_COUNT];
	_Atomic uint64_t next[STORM_TOPIC_COUNT];
	_Atomic uint64_t got_of[STORM_PLACE_COUNT]; /* a reader's: samples of each publisher */
	char said[256];				    /* the first message of an outcome that is wrong */
};

struct storm_page {
	_Atomic uint32_t publishers_end;
	_Atomic uint32_t readers_end;
	_Atomic uint32_t readers_ready;
	_Atomic uint32_t clock_is_rough; /* storm_pressure.c: clock readings are delayed, the wall clock jumps */
	_Atomic uint64_t clock_delays;
	_Atomic uint64_t wall_readings;
	_Atomic uint64_t wrong_sleeps; /* that do not last until a time of the monotonic clock */
	struct storm_place places[STORM_PLACE_COUNT];
};
extern struct storm_page *storm_page;
extern const char *storm_config_path;
extern const char *storm_heir_config_path; /* lets the node `heir` publish `solo` instead of `single` */
extern const struct takt_type *const storm_type;
extern const char *const storm_topic_names[STORM_TOPIC_COUNT];

/* One kind of process: what it is called in the config, and what it does. */
struct storm_role {
	const char *node;
	void (*run)(struct storm_place *place, const struct storm_role *role, uint64_t seed);
	enum storm_topic topic;
	int is_mortal;
};
extern const struct storm_role storm_roles[STORM_PLACE_COUNT];
void storm_publish(struct storm_place *place, const struct storm_role *role, uint64_t seed);
void storm_read(struct storm_place *place, const struct storm_role *role, uint64_t seed);
void storm_borrow(struct storm_place *place, const struct storm_role *role, uint64_t seed);
void storm_command(struct storm_place *place, const struct storm_role *role, uint64_t seed);

uint64_t storm_random(uint64_t *state);
void storm_fill(struct storm_message *message, uint64_t place_index, uint64_t sequence);
int storm_is_whole(const struct storm_message *message);

/* The only publisher of a topic finds out whether the sample that its place died with is there. @param head the topic's, under the
 * right to publish @retval 0 the topic does not hold what the place has published */
int storm_settle(struct storm_place *place, uint64_t head);

/* Counts and says what does not hold. */
void storm_check(int condition, const char *what);
extern uint32_t storm_failed;

/* The account at the end. `newest` and `takeovers` are those of the topics. */
struct storm_outcome {
	double seconds;
	uint64_t kill_count, publisher_kills[STORM_TOPIC_COUNT], stop_count, shake_count, ended_count;
	uint64_t newest[STORM_TOPIC_COUNT], takeovers[STORM_TOPIC_COUNT];
};
void storm_account(const struct storm_outcome *outcome);
uint64_t storm_published(void);

/* What a soak must not make grow: the domain's folder without the answers' pipes of killed commanders, memory, descriptors. */
struct storm_residue {
	uint64_t objects;
	uint64_t bytes;
	uint64_t reply_pipes;
	uint64_t memory_bytes;
	uint64_t descriptors;
};
struct storm_residue storm_residue(const char *root);

/* Processes that want the processors and wake all the time, and one more blow: another priority, policy or processor. */
void storm_pressure_start(uint64_t seed);
void storm_pressure_stop(void);
void storm_shake(pid_t process, uint64_t *random);
void storm_shake_end(pid_t process);

/* Owners of a right that are stopped, zombies, forked, another program by now, large when they die, or have a used number. */
void storm_owners(void);

#endif
