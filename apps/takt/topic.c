/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/topic.h"

#include <stdio.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "platform/thread.h"

#define WAIT_PAUSE_NS	(20 * TAKT_NS_PER_MS)
#define WAIT_SILENCE_NS (500 * TAKT_NS_PER_MS) /* so long a wait is not worth a word */

static const struct command *const commands[] = {&topic_list_command, &topic_info_command, &topic_echo_command,
						 &topic_hz_command, &topic_delay_command};

const struct command topic_command = {
	.name = "topic",
	.path = "takt topic",
	.usage = "COMMAND [arguments]",
	.summary = "looks at topics",
	.children = commands,
	.child_count = sizeof(commands) / sizeof(commands[0]),
};

struct topic_currency topic_currency(const struct reader *reader, uint64_t now_ns)
{
	struct takt_sample_header header;
	uint64_t deadline_ns = reader->constants.deadline_ns;

	if (!reader_peek(reader, reader_newest(reader), &header))
		return (struct topic_currency){.text = "silent", .accent = OUTPUT_WARN};
	uint64_t age_ns = now_ns > header.publish_ns ? now_ns - header.publish_ns : 0;
	struct topic_currency currency = {.text = "no deadline", .has_age = 1, .age_ms = (double)age_ns / 1e6};
	if (deadline_ns != 0) {
		currency.text = age_ns > deadline_ns ? "STALE" : "fresh";
		currency.accent = age_ns > deadline_ns ? OUTPUT_BAD : OUTPUT_GOOD;
	}
	return currency;
}

struct topic_nodes topic_publishers(const struct node_views *views, const char *topic)
{
	struct topic_nodes nodes = {.text = ""};

	for (uint32_t i = 0; i < views->count; i++) {
		const struct node_view *view = &views->all[i];
		size_t used = strlen(nodes.text);
		int is_living = view->life == TAKT_OS_ALIVE;

		if (node_view_publication(view, topic) == NULL)
			continue;
		if (!is_living && view->state == TAKT_NODE_ENDED)
			continue;
		(void)snprintf(nodes.text + used, sizeof(nodes.text) - used, "%s%s%s", used ? ", " : "", view->name,
			       is_living ? "" : " (dead)");
		nodes.living_count += (uint32_t)is_living;
		nodes.dead_count += (uint32_t)!is_living;
	}
	return nodes;
}

/* @retval TAKT_OK both are there @retval TAKT_ABSENT, TAKT_NOT_READY not yet @retval others, with a message */
static enum takt_status open_once(struct reader *reader, const struct takt_domain *domain, const char *topic,
				  struct takt_flat_type *type)
{
	enum takt_status status = TAKT_OK;

	if (reader->shm.address == NULL)
		status = reader_open(reader, domain, topic);
	if (status == TAKT_OK)
		status = takt_topic_segment_description(reader_topic(reader), &reader->constants, type);
	return status;
}

int topic_wait(struct reader *reader, const struct takt_domain *domain, const char *topic, struct takt_flat_type *type,
	       uint64_t deadline_ns)
{
	uint64_t begun_ns = takt_os_clock_now_ns();
	int has_said = 0;

	if (takt_domain_topic_find(domain, topic) == UINT32_MAX)
		return domain_no_topic(domain, topic);
	for (;;) {
		enum takt_status status = open_once(reader, domain, topic, type);
		uint64_t now_ns = takt_os_clock_now_ns();

		if (status == TAKT_OK)
			return EXIT_OK;
		if (status != TAKT_ABSENT && status != TAKT_NOT_READY)
			return EXIT_FAILED;
		if (now_ns >= deadline_ns || takt_os_clock_sleep_until(now_ns + WAIT_PAUSE_NS) != TAKT_OK)
			break;
		if (!has_said && now_ns - begun_ns > WAIT_SILENCE_NS) {
			takt_message(TAKT_INFO, "topic '%s': waiting for its first publisher", topic);
			has_said = 1;
		}
	}
	takt_message(TAKT_ERROR, "topic '%s': nobody has published it yet; see: takt topic info %s", topic, topic);
	return EXIT_FAILED;
}

int topic_is_gone(const struct reader *reader)
{
	if (takt_os_shm_has_name(&reader->shm))
		return 0;
	takt_message(TAKT_ERROR, "topic '%s' was removed by a clean-up; start this command again once the domain runs",
		     reader->topic);
	return 1;
}
