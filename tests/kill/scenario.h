/* SPDX-License-Identifier: Apache-2.0 */
/* One operation that is killed at every instruction, what stands around it, and what must hold afterwards. */
#ifndef TAKT_TEST_KILL_SCENARIO_H
#define TAKT_TEST_KILL_SCENARIO_H

#include <stdint.h>

#include "tests/kill/victim.h"

/* Where the victim dies. */
enum pace {
	PACE_EVERY,  /* after every instruction */
	PACE_STRIDES /* after every one that changes what others see, around each system call, and every n-th */
};

struct scenario {
	const char *name;
	void (*set_up)(void);	 /* the stage, kept with stage_keep */
	void (*accompany)(void); /* before each victim: starts a companion; or NULL */
	struct operation operation;
	void (*check)(int is_done); /* by the survivors; is_done: the operation had returned */
	void (*tear_down)(void);
	enum pace pace;	      /* of the short form; the long one takes every instruction */
	int is_long;	      /* not in the short form at all */
	int recovery_is_long; /* the short form does not kill it */
	/* What the next process does about it, killed in its turn in each state that the first kill left; or NULL. */
	const struct operation *recovery;
	void (*check_recovery)(int is_done);
	/* Behind a recorded run, which nobody checks: ends the companion; or NULL. */
	void (*dismiss)(void);
};

extern const struct scenario topic_scenarios[];
extern const uint32_t topic_scenario_count;
extern const struct scenario queue_scenarios[];
extern const uint32_t queue_scenario_count;
extern const struct scenario meet_scenarios[];
extern const uint32_t meet_scenario_count;
extern const struct scenario sync_scenarios[];
extern const uint32_t sync_scenario_count;
extern const struct scenario domain_scenarios[];
extern const uint32_t domain_scenario_count;
extern const struct scenario command_scenarios[];
extern const uint32_t command_scenario_count;

#endif
