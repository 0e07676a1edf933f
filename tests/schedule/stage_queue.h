/* SPDX-License-Identifier: Apache-2.0 */
/* A domain with one queue of one band instead of a topic, and what is known of its items. */
#ifndef TAKT_TEST_SCHEDULE_STAGE_QUEUE_H
#define TAKT_TEST_SCHEDULE_STAGE_QUEUE_H

#include <stdint.h>

/* --- scenarios: what each party does, and what must hold */

void stage_queue_prepare_take(void);
void stage_queue_run_take(uint32_t party);
void stage_queue_prepare_producers(void);
void stage_queue_run_producers(uint32_t party);
void stage_queue_prepare_drop(void);
void stage_queue_run_drop(uint32_t party);
void stage_queue_prepare_wait(void);
void stage_queue_run_wait(uint32_t party);

/* Nobody can run: whoever sleeps has nothing to wake up for. */
void stage_queue_check_idle(void);
/* A successor takes what is left and fills the queue: nothing is lost but what was dropped, nothing was done twice. */
void stage_queue_check_end(void);

#endif
