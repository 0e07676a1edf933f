/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's config, read from YAML: which topics, queues and nodes there are and everything that sizes them. It is read at start-up and
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
/* What a push does when its band of the queue is full. */
enum takt_when_full {
	TAKT_WHEN_FULL_BLOCK = 0,	/* waits until the caller's deadline */
	TAKT_WHEN_FULL_DROP_NEWEST = 1, /* drops what was to be pushed */
	TAKT_WHEN_FULL_DROP_OLDEST = 2	/* drops the oldest that nobody works on */
};
enum takt_policy { TAKT_POLICY_OTHER = 0, TAKT_POLICY_FIFO = 1 };

/* Kinds of synchronisation objects; the numbers stand in shared memory. */
enum takt_sync_kind {
	TAKT_SYNC_SEMAPHORE = 1,
	TAKT_SYNC_MUTEX = 2,
	TAKT_SYNC_RWLOCK = 3,
	TAKT_SYNC_EVENTS = 4,
	TAKT_SYNC_BARRIER = 5
};

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

struct takt_config_queue {
	char *name;
	char *type;
	uint32_t bytes; /* size of the C struct, 1 to TAKT_PAYLOAD_BYTES_MAX */
	uint32_t
		depth; /* items of each band, waiting and in work: a power of two, TAKT_DEPTH_MIN to TAKT_DEPTH_MAX; default 16 */
	uint32_t bands; /* priorities, 1 to TAKT_BAND_COUNT_MAX; default 1 */
	enum takt_when_full when_full;
	uint32_t
		deliveries; /* times that an item is handed out before it is given up, up to TAKT_DELIVERY_COUNT_MAX; 0: no limit */
	struct takt_config_rights rights;      /* of its items: who may write, may push */
	struct takt_config_rights take_rights; /* of who has what: who may write, may take; producers need it too */
};

struct takt_config_sync {
	char *name;
	enum takt_sync_kind kind;
	uint32_t initial; /* semaphore: units at first, 0 to `maximum`; default 1 */
	uint32_t maximum; /* semaphore: units at most, 1 to INT32_MAX; default `initial`, at least 1 */
	uint32_t
		is_undone; /* semaphore: 1 (default): units are held, and a dead process's come back; 0: they count wake-ups */
	uint32_t members; /* barrier: threads that meet, 2 to TAKT_WAITER_COUNT_MAX */
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
	char *program; /* searched beside the takt command, in its ../libexec/takt, then in PATH, unless it has a slash (then relative to the config) */
	char **arguments;
	uint32_t arguments_count;
	char **publishes; /* topic names */
	uint32_t publishes_count;
	char **subscribes;
	uint32_t subscribes_count;
	char **pushes; /* queue names */
	uint32_t pushes_count;
	char **takes;
	uint32_t takes_count;
	char **uses; /* names of synchronisation objects */
	uint32_t uses_count;
	uint32_t waiters;   /* threads that sleep until there is news, 0 to TAKT_WAITERS_PER_NODE_MAX; default 1 */
	uint64_t period_us; /* of its loop, 10 to TAKT_CONFIG_SPAN_US_MAX; 0: event driven, or the program says */
	uint64_t spin_us;   /* its waits poll this long before they sleep, 0 to TAKT_SPIN_US_MAX; default 0 */
	enum takt_overrun overrun;
	struct takt_config_schedule schedule;
	enum takt_restart restart;
	char **parameters; /* "name=value" */
	uint32_t parameters_count;
	char *parameter_file; /* where `save` writes and from where a start reads; relative to the config */
	uint32_t core_dumps;  /* 1: allow them; a dying node then holds its locks until the file is written */
};

/* A rule on who may command nodes through their sockets. A list of nodes, commands or parameters that is empty means: all. */
struct takt_config_access {
	char **users; /* names or numbers; these and whoever is in one of the groups */
	uint32_t users_count;
	char **groups;
	uint32_t groups_count;
	char **nodes;
	uint32_t nodes_count;
	char **commands; /* verbs */
	uint32_t commands_count;
	char **parameters; /* that `set` may change */
	uint32_t parameters_count;
};

struct takt_config {
	char *domain;
	struct takt_config_rights rights;
	uint64_t wait_slice_us; /* 100 to 1000000; default TAKT_WAIT_SLICE_NS_DEFAULT */
	uint64_t lock_bound_us; /* 10 to 1000000; default TAKT_LOCK_BOUND_NS_DEFAULT */
	struct takt_config_topic *topics;
	uint32_t topics_count;
	struct takt_config_queue *queues;
	uint32_t queues_count;
	struct takt_config_sync *syncs;
	uint32_t syncs_count;
	struct takt_config_node *nodes;
	uint32_t nodes_count;
	struct takt_config_access *access; /* none: whoever may write the domain's objects commands */
	uint32_t access_count;
	const char *path;   /* the file it came from; "" for text */
	const char *folder; /* its folder, for relative paths; "." for text */
};

/**
 * Reads, checks and completes a config. Everything that the config alone can make wrong is found here: syntax, unknown keys, names,
 * limits, numbers out of range, topics and queues that a node names and nobody declares, twice the same name, more publishers than declared.
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

/* Index of a topic, queue, synchronisation object or node by name; UINT32_MAX when the config has none of that name. */
uint32_t takt_config_topic_find(const struct takt_config *config, const char *name);
uint32_t takt_config_queue_find(const struct takt_config *config, const char *name);
uint32_t takt_config_sync_find(const struct takt_config *config, const char *name);
uint32_t takt_config_node_find(const struct takt_config *config, const char *name);

/* 1 when the node lists the topic among those that it publishes, or subscribes. */
int takt_config_publishes(const struct takt_config_node *node, const char *topic);
int takt_config_subscribes(const struct takt_config_node *node, const char *topic);
/* 1 when the node lists the queue among those that it pushes to, or takes from. */
int takt_config_pushes(const struct takt_config_node *node, const char *queue);
int takt_config_takes(const struct takt_config_node *node, const char *queue);
/* 1 when the node lists the synchronisation object under `uses`. */
int takt_config_uses(const struct takt_config_node *node, const char *sync);

/* "semaphore" and so on, as in the config; "?" for what is no kind. */
const char *takt_sync_kind_name(uint32_t kind);

#ifdef __cplusplus
}
#endif
#endif
