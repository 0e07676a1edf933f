/* SPDX-License-Identifier: Apache-2.0 */
/* `takt topic ...` */
#ifndef APPS_TAKT_TOPIC_H
#define APPS_TAKT_TOPIC_H

#include "apps/takt/domain_choice.h"
#include "apps/takt/node_view.h"
#include "apps/takt/options.h"
#include "apps/takt/reader.h"

extern const struct command topic_command; /* the group */
extern const struct command topic_list_command;
extern const struct command topic_info_command;
extern const struct command topic_echo_command;
extern const struct command topic_hz_command;
extern const struct command topic_delay_command;

/* How current a topic's newest sample is. */
struct topic_currency {
	const char *text; /* "fresh", "STALE", "silent", "no deadline" */
	enum output_accent accent;
	int has_age;
	double age_ms;
};
struct topic_currency topic_currency(const struct reader *reader, uint64_t now_ns);

/* "sensor, replay (dead)": the nodes that publish a topic in this life of the domain. */
#define TOPIC_NODES_BYTES 256
struct topic_nodes {
	char text[TOPIC_NODES_BYTES];
	uint32_t living_count;
	uint32_t dead_count;
};
struct topic_nodes topic_publishers(const struct node_views *views, const char *topic);

/**
 * Opens a topic and waits, until a deadline or a stop, for somebody to make and describe it; says once that it waits.
 * @param type its description @param deadline_ns TAKT_FOREVER: no bound
 * @retval EXIT_OK or EXIT_FAILED with a message
 */
int topic_wait(struct reader *reader, const struct takt_domain *domain, const char *topic, struct takt_flat_type *type,
	       uint64_t deadline_ns);

/* 1 when the topic's segment has lost its name: a clean-up took it; with a message. */
int topic_is_gone(const struct reader *reader);

#endif
