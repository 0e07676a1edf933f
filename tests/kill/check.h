/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true of a topic after the victim's death, whenever it came. */
#ifndef TAKT_TEST_KILL_CHECK_H
#define TAKT_TEST_KILL_CHECK_H

#include <stdint.h>

/**
 * The survivors read; a new node of the victim's name joins, follows it and publishes; everybody's capacity is whole; the lock is free.
 * @param added_min, added_max how many samples the victim may have published
 */
void check_topic(uint64_t added_min, uint64_t added_max);

/* The same for a domain in which nobody is attached: joins everybody anew, and cleans afterwards. */
void check_domain(void);

#endif
