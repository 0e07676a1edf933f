/* SPDX-License-Identifier: Apache-2.0 */
/* The states met, known by their digests. */
#ifndef TAKT_TEST_SCHEDULE_TABLE_H
#define TAKT_TEST_SCHEDULE_TABLE_H

#include <stdint.h>

#include "tests/schedule/machine.h"

#define TABLE_UNDER_WAY (-1.0) /* the schedules behind this state are being run */

/* @retval where the number of schedules behind the state stands; `*is_new`: it was not there, and is TABLE_UNDER_WAY now.
 * Valid until the next call. */
double *table_find(struct digest key, int *is_new);
uint64_t table_count(void);
void table_clear(void);

#endif
