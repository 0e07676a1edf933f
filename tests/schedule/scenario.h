/* SPDX-License-Identifier: Apache-2.0 */
/* A few parties and what each does; what stands around them, and what must hold. */
#ifndef TAKT_TEST_SCHEDULE_SCENARIO_H
#define TAKT_TEST_SCHEDULE_SCENARIO_H

#include <stdint.h>

#include "tests/schedule/machine.h"

struct scenario {
	const char *name;
	uint32_t party_count;
	uint32_t ci_bound;	     /* preemptions of the short form */
	void (*prepare)(void);	     /* arena, handles: nothing is scheduled yet */
	void (*run)(uint32_t party); /* what a party does */
	/* Nobody can run and somebody sleeps: may that be? NULL: yes. Called while nobody has died: a death may cost a slice. */
	void (*check_idle)(void);
	/* Somebody's sleep is about to end by its deadline. NULL: nothing to look at. */
	void (*check_time)(void);
	void (*check_end)(void); /* all have ended: a successor recovers, and looks at everything */
};

extern const struct scenario scenarios[];
extern const uint32_t scenario_count;

/* What a shared address is: "cell 1", "lock.owner". */
void scenario_name_address(const void *address, char *text, uint32_t bytes);

#endif
