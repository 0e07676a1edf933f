/* SPDX-License-Identifier: Apache-2.0 */
/* Which domain a command is about, and the first look at it. */
#ifndef APPS_TAKT_DOMAIN_CHOICE_H
#define APPS_TAKT_DOMAIN_CHOICE_H

#include <stdint.h>

#include "core/domain.h"
#include "core/limits.h"

#define DOMAIN_LIST_MAX 256

/* The domains of this machine by name, sorted; more than DOMAIN_LIST_MAX are passed over. */
struct domain_list {
	char names[DOMAIN_LIST_MAX][TAKT_NAME_BYTES];
	uint32_t count;
};

/* @retval 0, or 1 when the shared-memory folder cannot be read, with a message */
int domain_list_read(struct domain_list *list);

/* 1 when a domain of this name has a folder on this machine. */
int domain_exists(const char *name);

/**
 * The domain that is meant: the one given, else TAKT_DOMAIN, else the only one there is, else the only one that lives.
 * @param given NULL: none  @param name the result
 * @retval EXIT_OK, or EXIT_FAILED with a message that lists what there is
 */
int domain_choose(const char *given, char name[TAKT_NAME_BYTES]);

/* Chooses and attaches, read-only. @retval EXIT_OK, then to be closed with takt_domain_close; EXIT_FAILED with a message */
int domain_attach(const char *given, struct takt_domain *domain);

/* How many of its nodes live. */
uint32_t domain_living_count(const struct takt_domain *domain);

/* A name out of the roster, which members may write: copied and ended. */
struct domain_name {
	char text[TAKT_NAME_BYTES];
};
struct domain_name domain_topic_name(const struct takt_domain *domain, uint32_t topic_index);
struct domain_name domain_queue_name(const struct takt_domain *domain, uint32_t queue_index);
struct domain_name domain_node_name(const struct takt_domain *domain, uint32_t node_index);

/* Says that a domain has no such topic, or node, and what there is. @retval EXIT_FAILED */
int domain_no_topic(const struct takt_domain *domain, const char *topic);
int domain_no_queue(const struct takt_domain *domain, const char *queue);
int domain_no_node(const struct takt_domain *domain, const char *node);

#endif
