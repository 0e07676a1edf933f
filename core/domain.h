/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's objects in its folder `takt.NAME`:
 *
 *	live            presence of the members; byte 0 shared: joined, byte 0 held: being cleaned
 *	roster          who is here, waiting masks, wake words, pins
 *	topic.T         topic T        live.T        the right to publish it
 *	queue.Q         what queue Q's items say     state.Q       who has them     live.Q   who may push and take
 *	sync.S          synchronisation object S        live.sync.S    the right to use it
 *	node.N          node N's name, state and statistics
 *	command.N       its command pipe             reply.*       answers on their way to a commander
 *
 * Nobody needs to start first: whoever needs an object and may create it does, whole or not at all; all others check it.
 */
#ifndef TAKT_CORE_DOMAIN_H
#define TAKT_CORE_DOMAIN_H

#include <stdint.h>

#include "core/config.h"
#include "core/limits.h"
#include "platform/presence.h"
#include "platform/shm.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_FOLDER_PREFIX "takt."
#define TAKT_ROSTER_NAME   "roster"
#define TAKT_LIVE_NAME	   "live"

/* A view of a domain. Zero-initialise. Constants of the roster are copied once and checked. */
struct takt_domain {
	char name[TAKT_NAME_BYTES];
	char folder_name[TAKT_NAME_BYTES + 8];
	int folder;
	struct takt_os_presence live;
	struct takt_os_shm roster;
	uint64_t instance;
	uint32_t node_count;
	uint32_t waiter_count;
	uint32_t topic_count;
	uint32_t queue_count;
	uint32_t mask_count;
	uint32_t pin_count;
	uint64_t nodes_offset;
	uint64_t waiters_offset;
	uint64_t topics_offset;
	uint64_t queues_offset;
	uint64_t masks_offset;
	uint64_t pins_offset;
};

struct takt_roster_node_shm;
struct takt_roster_waiter_shm;
struct takt_roster_topic_shm;
struct takt_roster_queue_shm;
struct takt_mask_shm;
struct takt_pin_shm;

/**
 * Opens the config's domain as a member and creates folder, presence file and roster where they are absent.
 * @retval TAKT_OK  @retval TAKT_MISMATCH the running domain differs from the config; the message names the first difference
 * @retval TAKT_BUSY it is being cleaned just now  @retval TAKT_DENIED not ours to create: the message names `takt create`
 * @retval TAKT_ABSENT no folder for shared memory, or something in it was removed meanwhile; or no such owner or group
 * @retval TAKT_CORRUPT  @retval TAKT_NO_SPACE  @retval TAKT_LIMIT  @retval TAKT_INVALID  @retval TAKT_SYSTEM. Each with a message.
 * RT: start-up only. Threads: any, on different structs.
 */
TAKT_CHECKED enum takt_status takt_domain_open(struct takt_domain *domain, const struct takt_config *config);

/**
 * Attaches to a running domain by its name, for looking: read-only, without a config, without joining.
 * @retval TAKT_OK  @retval TAKT_ABSENT no such domain, without a message  @retval TAKT_DENIED  @retval TAKT_CORRUPT
 * @retval TAKT_MISMATCH  @retval TAKT_INVALID the name  @retval TAKT_NO_SPACE  @retval TAKT_LIMIT  @retval TAKT_SYSTEM
 */
TAKT_CHECKED enum takt_status takt_domain_attach(struct takt_domain *domain, const char *name);

/* Ends either. Objects stay. Safe on a zeroed or closed one. */
void takt_domain_close(struct takt_domain *domain);

/**
 * Creates every object of the config with the owners and modes that it names, for those who may not do it themselves.
 * What exists is checked. @param created_count how many were made
 * @retval as takt_domain_open
 */
TAKT_CHECKED enum takt_status takt_domain_create(const struct takt_config *config, uint32_t *created_count);

/* Makes a closed view with the domain's name and its folder's. The name must be valid. */
void takt_domain_set_names(struct takt_domain *domain, const char *name);

/* What a clean-up did, object by object. */
typedef void (*takt_clean_report)(void *context, const char *object, enum takt_status result);

/**
 * Removes what dead processes left of a domain: all of it when no member lives, else only answers that nobody waits for.
 * Never removes what lives, nothing outside the folder but empty ones that this user's killed makers of it had not named yet, and no
 * object whose name takt does not know.
 * @param report called for each object: TAKT_OK removed, TAKT_DENIED not permitted, TAKT_INVALID not takt's, TAKT_BUSY in use
 * @retval TAKT_OK the folder is gone  @retval TAKT_BUSY members live  @retval TAKT_ABSENT no such domain
 * @retval TAKT_DENIED something could not be removed  @retval TAKT_INVALID the name  @retval TAKT_MISMATCH the folder is none
 * @retval TAKT_NO_SPACE, TAKT_LIMIT, TAKT_SYSTEM  the system refused
 */
TAKT_CHECKED enum takt_status takt_domain_clean(const char *name, takt_clean_report report, void *context);

/* Does the holder of this token live? For members and tools. */
enum takt_os_life takt_domain_ask(const struct takt_domain *domain, uint64_t token);

/* Checked parts of the roster. The index must be below the count. */
struct takt_roster_node_shm *takt_domain_node(const struct takt_domain *domain, uint32_t node_index);
struct takt_roster_waiter_shm *takt_domain_waiter(const struct takt_domain *domain, uint32_t waiter_index);
struct takt_roster_topic_shm *takt_domain_topic(const struct takt_domain *domain, uint32_t topic_index);
struct takt_roster_queue_shm *takt_domain_queue(const struct takt_domain *domain, uint32_t queue_index);
/* A topic's mask has the topic's index. */
struct takt_mask_shm *takt_domain_mask(const struct takt_domain *domain, uint32_t mask_index);
struct takt_pin_shm *takt_domain_pin(const struct takt_domain *domain, uint32_t pin_index);

/* Index by name, from the roster; UINT32_MAX when it has none of that name. */
uint32_t takt_domain_topic_find(const struct takt_domain *domain, const char *name);
uint32_t takt_domain_queue_find(const struct takt_domain *domain, const char *name);
uint32_t takt_domain_node_find(const struct takt_domain *domain, const char *name);

#ifdef __cplusplus
}
#endif
#endif
