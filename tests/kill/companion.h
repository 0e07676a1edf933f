/* SPDX-License-Identifier: Apache-2.0 */
/* A process that depends on the victim: it sleeps until something comes, waits for a lock or holds one. It blocks where it is told to wait,
 * so that it costs the stepped victim nothing. */
#ifndef TAKT_TEST_KILL_COMPANION_H
#define TAKT_TEST_KILL_COMPANION_H

#include <stdint.h>

#include "platform/clock.h"
#include "platform/status.h"

#define COMPANION_SLEEP_NS (2 * TAKT_NS_PER_S) /* its longest wait */

/* Forks it, and returns when it is ready. @param part ends with _exit */
void companion_start(void (*part)(void));
/* After a recorded run: ends it. */
void companion_dismiss(void);
/* It must have done its part within a slice of `since_ns`, and is gone then. */
void companion_await(uint64_t since_ns, uint64_t slice_ns);
/* Lets it go on: by the victim, or by the harness. */
void companion_tell(void);

/* In the companion. */
void companion_is_ready(void);
void companion_wait_for_word(void);
/* @param status what the survivors will see; anything but TAKT_OK is a failure */
void companion_is_done(enum takt_status status);

#endif
