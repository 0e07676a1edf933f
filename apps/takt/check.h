/* SPDX-License-Identifier: Apache-2.0 */
/* `takt check CONFIG` */
#ifndef APPS_TAKT_CHECK_H
#define APPS_TAKT_CHECK_H

#include <stdint.h>

#include "apps/takt/options.h"
#include "core/config.h"

extern const struct command check_command;

#define CHECK_TEXT_BYTES 256

/* What is wrong with a config beyond what reading it finds. */
enum check_severity { CHECK_WARNING, CHECK_ERROR };
typedef void (*check_report)(void *context, enum check_severity severity, const char *text);

/* What is unlikely to be meant: unread topics, deadlines below periods and the like. Pure. */
void check_warn(const struct takt_config *config, check_report report, void *context);

/* What cannot work on this machine: programs, users, groups. */
void check_refuse(const struct takt_config *config, check_report report, void *context);

/* How often a topic is published in all: by the periods of its publishers; 0: one of them has none. */
double check_rate_hz(const struct takt_config *config, const char *topic);

/* What a config takes of shared memory, and what there is. */
struct check_memory {
	uint64_t topics_bytes;
	uint64_t queues_bytes;
	uint64_t nodes_bytes;
	uint64_t roster_bytes;
	uint64_t there_bytes; /* of a domain that was created already */
	uint64_t free_bytes;
	int is_known; /* free_bytes */
};
struct check_memory check_memory_measure(const struct takt_config *config);
uint64_t check_memory_total(const struct check_memory *memory);
/* What is still to be made: the total without what is there. */
uint64_t check_memory_needed(const struct check_memory *memory);

/* "sensor, replay" */
struct check_names {
	char text[CHECK_TEXT_BYTES];
	uint32_t count;
};
struct check_names check_writers(const struct takt_config *config, const char *topic);
struct check_names check_producers(const struct takt_config *config, const char *queue);
struct check_names check_consumers(const struct takt_config *config, const char *queue);
struct check_names check_readers(const struct takt_config *config, const char *topic);

#endif
