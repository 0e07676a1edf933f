/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a config, and sentences about places in it. A place is a path such as "domain", "topics[3].depth" or
 * "nodes[0].scheduler.cpus[1]"; list entries count from 0.
 */
#ifndef TAKT_CORE_CONFIG_SOURCE_H
#define TAKT_CORE_CONFIG_SOURCE_H

#include <stdint.h>

#include "platform/status.h"

#define TAKT_CONFIG_PLACE_BYTES 192
#define TAKT_CONFIG_SAID_BYTES	96

struct takt_config_source {
	const char *name; /* what messages call it: the file's path */
	const char *text;
	uint32_t bytes;
};

/**
 * Emits one error, "NAME:LINE:COLUMN: ...", and gives `status` back, so that a check can end with it. Line and column are those
 * of the place, or of the nearest thing around it that the text has.
 * RT: start-up only; reads the text once more.
 */
enum takt_status takt_config_refuse(const struct takt_config_source *source, enum takt_status status, const char *place,
				    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for a text that is no YAML: says where it stops being that, and why. */
enum takt_status takt_config_refuse_syntax(const struct takt_config_source *source);

/* Copies the single value at a place, cut to the buffer; "" when there is none. */
void takt_config_value_at(const struct takt_config_source *source, const char *place, char *value, uint32_t bytes);

/* Names the topic or node in which a place lies: "topic 'imu'", "node 3 of the list", "access rule 2"; else "the config". */
void takt_config_object_at(const struct takt_config_source *source, const char *place,
			   char said[TAKT_CONFIG_SAID_BYTES]);

#endif
