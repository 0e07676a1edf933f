/* SPDX-License-Identifier: Apache-2.0 */
/* The domains that `takt bench` measures in: a config made from a few numbers, and an opaque type of any size. */
#ifndef APPS_TAKT_BENCH_DOMAIN_H
#define APPS_TAKT_BENCH_DOMAIN_H

#include <stdint.h>

#include "core/node.h"
#include "core/type.h"
#include "platform/status.h"

#define BENCH_DOMAIN "bench"

/* A config being written. Zero-initialise; text that finds no memory makes bench_config_write fail. */
struct bench_config {
	char *text;
	uint32_t bytes;
	uint32_t capacity;
	uint32_t has_failed;
};

struct bench_topic {
	char name[TAKT_NAME_BYTES];
	uint32_t bytes;
	uint32_t depth;
	uint32_t borrows;
	uint32_t loans;
};

/* Topics first, then nodes. */
void bench_config_begin(struct bench_config *config);
void bench_config_topic(struct bench_config *config, const struct bench_topic *topic);
void bench_config_nodes(struct bench_config *config);
/* @param publishes, subscribes "a, b", or "" */
void bench_config_node(struct bench_config *config, const char *name, const char *publishes, const char *subscribes,
		       uint32_t waiters);
/* More text for lists and the like. */
void bench_config_add(struct bench_config *config, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes it into the folder and frees it. @retval TAKT_OK  @retval others with a message */
TAKT_CHECKED enum takt_status bench_config_write(struct bench_config *config, const char *folder);

/* The two nodes of a pair: `left` publishes `there` and reads `back`, `right` the other way round. */
TAKT_CHECKED enum takt_status bench_config_pair(const char *folder, const struct bench_topic *topic);

/* Joins as this node. */
TAKT_CHECKED enum takt_status bench_join(struct takt_node *node, const char *folder, const char *name);

/* An array of bytes as a message type. The result is valid until the next call. */
const struct takt_type *bench_type(uint32_t bytes);

#endif
