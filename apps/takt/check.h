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

/* "sensor, replay" */
struct check_names {
	char text[CHECK_TEXT_BYTES];
	uint32_t count;
};
struct check_names check_writers(const struct takt_config *config, const char *topic);
struct check_names check_readers(const struct takt_config *config, const char *topic);

#endif
