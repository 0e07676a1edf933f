/* SPDX-License-Identifier: Apache-2.0 */
/* The rest of the domain: a node in a process of its own that goes on publishing and reading while others fail. */
#ifndef TAKT_TEST_FAILING_BYSTANDER_H
#define TAKT_TEST_FAILING_BYSTANDER_H

#include <stdatomic.h>
#include <stdint.h>

/* In memory that the harness shares with it. */
struct bystander {
	_Atomic uint32_t is_ready;
	_Atomic uint32_t is_to_end;
	_Atomic uint64_t
		beat_count; /* rounds: each publishes one sample on `beat` and one on `pair`, and reads all there is */
	_Atomic uint64_t publish_ns_max;
	_Atomic uint32_t bad_count;
	char bad[160]; /* the first */
};
extern struct bystander *bystander;

/* Starts it and waits until it has published. @retval 0 it could not */
int bystander_start(void);
/* Ends it in order. @retval 1 it ended well */
int bystander_stop(void);
/* Whether it is well: alive, account exact, no call of its own refused. Else says why as a failure of the scenario. */
void bystander_check(void);
/* Waits until it has made a round that began after this call. */
void bystander_wait_round(void);

#endif
