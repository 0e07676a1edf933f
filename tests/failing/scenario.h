/* SPDX-License-Identifier: Apache-2.0 */
/* What a program does with takt while its system fails. */
#ifndef TAKT_TEST_FAILING_SCENARIO_H
#define TAKT_TEST_FAILING_SCENARIO_H

#include <stdint.h>

struct scenario {
	const char *name;
	void (*prepare)(void); /* before it, nothing fails; or NULL */
	void (*run)(void);     /* goes as far as it can, then gives everything back, as a program would */
	void (*finish)(void);  /* after it, nothing fails; or NULL */
	int is_long;	       /* not in the short form */
	int is_platform;       /* calls the platform itself, whose own outcomes it would only be handed back */
};

extern const struct scenario node_scenarios[];
extern const uint32_t node_scenario_count;
extern const struct scenario other_scenarios[];
extern const uint32_t other_scenario_count;

#endif
