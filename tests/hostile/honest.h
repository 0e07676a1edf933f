/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the honest share. */
#ifndef TAKT_TEST_HOSTILE_HONEST_H
#define TAKT_TEST_HOSTILE_HONEST_H

#include "core/protocol/ring.h"
#include "tests/hostile/hostile.h"

/* Around each call: whose it is, what it takes, how it ends. */
void call_begin(struct worker *worker, const char *doing, enum topic topic);
void call_end(struct worker *worker, enum takt_status status);
/* Whatever is not TAKT_OK is a failure. */
void need(struct worker *worker, enum takt_status status, const char *what);

void publish(struct worker *worker, enum topic topic);
void read_topic(struct worker *worker, enum topic topic);
void borrow(struct worker *worker, enum topic topic);
void wait_once(struct worker *worker);

/* visit.c: joins, looks as tools do, commands, and a loop. */
void visit_step(struct worker *worker);

#endif
