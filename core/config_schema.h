/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A config as it stands in the text: the right keys in the right places, every value still text. Numbers stay text here because
 * libcyaml 1.3.1 reads "16k" as 16, "-1" as 2^64 - 1, "010" as 8 and every unknown word as true, without a message.
 */
#ifndef TAKT_CORE_CONFIG_SCHEMA_H
#define TAKT_CORE_CONFIG_SCHEMA_H

#include <stdint.h>

#include "core/config.h"
#include "core/config_source.h"
#include "platform/status.h"

/* In all of these NULL means: the key is not there. */
struct takt_config_raw_rights {
	char *owner;
	char *group;
	char *mode;
};

struct takt_config_raw_topic {
	char *name;
	char *type;
	char *bytes;
	char *depth;
	char *publishers;
	char *borrows;
	char *loans;
	char *deadline_us;
	struct takt_config_raw_rights rights;
};

struct takt_config_raw_queue {
	char *name;
	char *type;
	char *bytes;
	char *depth;
	char *bands;
	char *when_full;
	char *deliveries;
	struct takt_config_raw_rights rights;
	struct takt_config_raw_rights take_rights;
};

struct takt_config_raw_sync {
	char *name;
	char *kind;
	char *initial;
	char *maximum;
	char *undo;
	char *members;
	struct takt_config_raw_rights rights;
};

struct takt_config_raw_schedule {
	char *policy;
	char *priority;
	char **cpus;
	uint32_t cpus_count;
};

struct takt_config_raw_node {
	char *name;
	char *program;
	char **arguments;
	uint32_t arguments_count;
	char **publishes;
	uint32_t publishes_count;
	char **subscribes;
	uint32_t subscribes_count;
	char **pushes;
	uint32_t pushes_count;
	char **takes;
	uint32_t takes_count;
	char **uses;
	uint32_t uses_count;
	char *waiters;
	char *period_us;
	char *spin_us;
	char *overrun;
	struct takt_config_raw_schedule schedule;
	char *restart;
	char **parameters;
	uint32_t parameters_count;
	char *parameter_file;
	char *core_dumps;
};

struct takt_config_raw {
	char *domain;
	struct takt_config_raw_rights rights;
	char *wait_slice_us;
	char *lock_bound_us;
	struct takt_config_raw_topic *topics;
	uint32_t topics_count;
	struct takt_config_raw_queue *queues;
	uint32_t queues_count;
	struct takt_config_raw_sync *syncs;
	uint32_t syncs_count;
	struct takt_config_raw_node *nodes;
	uint32_t nodes_count;
	struct takt_config_access *access; /* texts alone: as they are */
	uint32_t access_count;
};

/**
 * Reads the text by the schema: unknown, missing and doubled keys, lists where a value belongs, too many entries.
 * @retval TAKT_OK `*raw` is to be freed with takt_config_raw_free
 * @retval TAKT_INVALID  @retval TAKT_LIMIT  @retval TAKT_NO_SPACE each with a message
 */
TAKT_CHECKED enum takt_status takt_config_raw_load(struct takt_config_raw **raw,
						   const struct takt_config_source *source);

/* Frees it; NULL is allowed. */
void takt_config_raw_free(struct takt_config_raw *raw);

#endif
