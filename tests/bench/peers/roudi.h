/* SPDX-License-Identifier: Apache-2.0 */
/* iceoryx's daemon, which hands out the shared memory: ours, with pools for the sizes that are measured. */
#ifndef TESTS_BENCH_PEERS_ROUDI_H
#define TESTS_BENCH_PEERS_ROUDI_H

#include "platform/status.h"

/* Starts it and waits until it serves. @retval TAKT_OK @retval TAKT_UNSUPPORTED it is not there, or another one runs; with a reason */
enum takt_status roudi_start(void);
void roudi_stop(void);

#endif
