/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAKT_TEST_SCHEDULE_SIM_H
#define TAKT_TEST_SCHEDULE_SIM_H

#include <stdint.h>

/* The presence files: of the domain's members, and of the topic's publishers. */
enum sim_file { SIM_FILE_MEMBERS = 1, SIM_FILE_TOPIC = 2 };

/* What an actor has opened a file as. */
int sim_descriptor(uint32_t file, uint32_t actor);

/* Ends the program behind a failed assertion of takt's: reports the schedule. Defined by the explorer. */
void sim_abort(void) __attribute__((noreturn));

#endif
