/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's config, read from YAML: which topics and nodes there are and everything that sizes them. It is read at start-up and
 * may be freed once the node has joined and attached. configs/demo.yaml is a commented example of every key.
 */
#ifndef TAKT_CORE_CONFIG_H
#define TAKT_CORE_CONFIG_H

#include <stdint.h>

#include "core/limits.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_CONFIG_BYTES_MAX	   (1024u * 1024u) /* of a config file */
#define TAKT_CONFIG_TEXT_BYTES_MAX 1024u	   /* of one value in it, with the terminating zero */
#define TAKT_CONFIG_SPAN_US_MAX	   86400000000u	   /* a day: longest deadline and period */
#define TAKT_ARGUMENT_COUNT_MAX	   64		   /* arguments of a node's program */
#define TAKT_CPU_COUNT_MAX	   64

enum takt_overrun { TAKT_OVERRUN_SKIP = 0, TAKT_OVERRUN_CATCH_UP = 1 };
enum takt_restart { TAKT_RESTART_NEVER = 0, TAKT_RESTART_ON_FAILURE = 1, TAKT_RESTART_ALWAYS = 2 };
enum takt_policy { TAKT_POLICY_OTHER = 0, TAKT_POLICY_FIFO = 1 };

/* Whose an object is. NULL or 0: not said, the domain's value counts; there 0600 and whoever creates it. */
struct takt_config_rights {
	char *owner;   /* user name or number */
	char *group;   /* group name or number */
	uint32_t mode; /* permission bits; no bit for others' writing */
};

struct takt_config_topic {
	char *name;
	char *type;
	uint32_t bytes;	     /* size of the C struct, 1 to TAKT_PAYLOAD_BYTES_MAX */
	uint32_t depth;	     /* samples kept: a power of two, TAKT_DEPTH_MIN to TAKT_DEPTH_MAX; default 16 */
	uint32_t publishers; /* at the same time, 1 to TAKT_PUBLISHER_COUNT_MAX; default 1 */
	uint32_t borrows;    /* samples read in place at the same time, by all subscribers together; default 0 */
	uint32_t loans;	     /* samples being filled in place at the same time, by all publishers together; default 2 */
	uint64_t deadline_us; /* a sample older than this is STALE, up to TAKT_CONFIG_SPAN_US_MAX; 0: never */
	struct takt_config_rights rights;
};

struct takt_config_schedule {
	enum takt_policy policy;
	uint32_t priority; /* 1 to 99 for fifo */
	uint32_t *cpus;	   /* CPU numbers, 0 to 63; none: any */
	uint32_t cpus_count;
};

struct takt_config_node {
	char *name;
	char *program; /* searched beside the takt command, then in PATH, unless it has a slash (then relative to the config) */
	char **arguments;
	uint32_t arguments_count;
	char **publishes; /* topic names */
	uint32_t publishes_count;
	char **subscribes;
	uint32_t subscribes_count;
	uint32_t waiters;   /* threads that sleep until there is news, 0 to TAKT_WAITERS_PER_NODE_MAX; default 1 */
	uint64_t period_us; /* of its loop, 10 to TAKT_CONFIG_SPAN_US_MAX; 0: event driven, or the program says */
	enum takt_overrun overrun;
	struct takt_config_schedule schedule;
	enum takt_restart restart;
	char **parameters; /* "name=value" */
	uint32_t parameters_count;
	char *parameter_file; /* where `save` writes and from where a start reads; relative to the config */
	uint32_t core_dumps;  /* 1: allow them; a dying node then holds its locks until the file is written */
};

struct takt_config {
	char *domain;
	struct takt_config_rights rights;
	uint64_t wait_slice_us; /* 100 to 1000000; default TAKT_WAIT_SLICE_NS_DEFAULT */
	uint64_t lock_bound_us; /* 10 to 1000000; default TAKT_LOCK_BOUND_NS_DEFAULT */
	struct takt_config_topic *topics;
	uint32_t topics_count;
	struct takt_config_node *nodes;
	uint32_t nodes_count;
	const char *path;   /* the file it came from; "" for text */
	const char *folder; /* its folder, for relative paths; "." for text */
};

/**
 * Reads, checks and completes a config. Everything that the config alone can make wrong is found here: syntax, unknown keys, names,
 * limits, numbers out of range, topics that a node names and nobody declares, twice the same name, more publishers than declared.
 * A message names the file, the line where there is one, what was expected and what was found.
 * @retval TAKT_OK `*config` is to be freed with takt_config_free
 * @retval TAKT_ABSENT no such file  @retval TAKT_DENIED  @retval TAKT_INVALID  @retval TAKT_LIMIT  @retval TAKT_NO_SPACE
 * RT: start-up only; allocates. Threads: any.
 */
TAKT_CHECKED enum takt_status takt_config_load(const struct takt_config **config, const char *path);

/* The same from text in memory. @param name what messages call it */
TAKT_CHECKED enum takt_status takt_config_parse(const struct takt_config **config, const char *text, uint32_t bytes,
						const char *name);

/* Frees it; NULL is allowed. */
void takt_config_free(const struct takt_config *config);

/* Index of a topic or node by name; UINT32_MAX when the config has none of that name. */
uint32_t takt_config_topic_find(const struct takt_config *config, const char *name);
uint32_t takt_config_node_find(const struct takt_config *config, const char *name);

/* 1 when the node lists the topic among those that it publishes, or subscribes. */
int takt_config_publishes(const struct takt_config_node *node, const char *topic);
int takt_config_subscribes(const struct takt_config_node *node, const char *topic);

#ifdef __cplusplus
}
#endif
#endif
