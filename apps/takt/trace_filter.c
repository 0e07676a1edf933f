/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_filter.h"

#include <string.h>

#include "apps/takt/options.h"
#include "platform/message.h"

int trace_choice_take(struct trace_choice *choice, const char *path, int option, const char *value)
{
	static const char *const names[] = {"--topic", "--node", "--chain"};
	struct trace_filter *const filters[] = {&choice->topics, &choice->nodes, &choice->chains};
	struct trace_filter *filter = filters[option - TRACE_OPTION_TOPIC];

	if (filter->count == TRACE_FILTER_MAX)
		return usage_error(path, "%s is given more than %d times", names[option - TRACE_OPTION_TOPIC],
				   TRACE_FILTER_MAX);
	filter->words[filter->count++] = value;
	return OPTIONS_GO_ON;
}

int trace_filter_has(const struct trace_filter *filter, const char *name)
{
	for (uint32_t i = 0; i < filter->count; i++)
		if (strcmp(filter->words[i], name) == 0)
			return 1;
	return filter->count == 0;
}

static int is_known(const struct trace_analysis *analysis, const struct trace_filter *filter, int is_topic)
{
	char buffer[32];
	for (uint32_t i = 0; i < filter->count; i++) {
		int found = 0;
		for (uint32_t k = 0; k < analysis->domain_count; k++) {
			uint32_t count = is_topic ? TAKT_TOPIC_COUNT_MAX : TAKT_NODE_COUNT_MAX;
			for (uint32_t at = 0; at < count && !found; at++)
				found = strcmp(filter->words[i], is_topic ? trace_topic_name(analysis, k, at, buffer)
									  : trace_node_name(analysis, k, at, buffer)) ==
					0;
		}
		if (!found) {
			takt_message(TAKT_ERROR, "no %s '%.60s' is in the trace; without --%s all are shown",
				     is_topic ? "topic" : "node", filter->words[i], is_topic ? "topic" : "node");
			return 0;
		}
	}
	return 1;
}

int trace_choice_is_known(const struct trace_choice *choice, const struct trace_analysis *analysis)
{
	return is_known(analysis, &choice->topics, 1) && is_known(analysis, &choice->nodes, 0);
}

/* By its steps, not by its text: a topic may be named as a node is. */
int trace_choice_has_chain(const struct trace_choice *choice, const struct trace_analysis *analysis,
			   const struct trace_chain *chain, const char *text)
{
	char buffer[32];
	int has_topic = choice->topics.count == 0;
	int has_node =
		trace_filter_has(&choice->nodes, trace_node_name(analysis, chain->domain, chain->reader, buffer));
	int has_text = choice->chains.count == 0;
	for (uint32_t path = chain->path; path != TRACE_NO_PATH; path = analysis->paths[path].parent) {
		const struct trace_path *step = &analysis->paths[path];
		has_topic |= trace_filter_has(&choice->topics,
					      trace_topic_name(analysis, chain->domain, step->topic, buffer));
		has_node |= trace_filter_has(&choice->nodes,
					     trace_node_name(analysis, chain->domain, step->publisher, buffer));
	}
	for (uint32_t i = 0; i < choice->chains.count; i++)
		has_text |= strstr(text, choice->chains.words[i]) != NULL;
	return has_topic && has_node && has_text;
}

int trace_choice_has_hop(const struct trace_choice *choice, const struct trace_analysis *analysis,
			 const struct trace_hop *hop)
{
	char buffer[32];
	return trace_filter_has(&choice->topics, trace_topic_name(analysis, hop->domain, hop->topic, buffer)) &&
	       trace_filter_has(&choice->nodes, trace_node_name(analysis, hop->domain, hop->reader, buffer));
}

int trace_choice_has_loop(const struct trace_choice *choice, const struct trace_analysis *analysis,
			  const struct trace_loop *loop)
{
	char buffer[32];
	int is_silent = loop->cycle_count == 0 && loop->lock_wait_ns.count == 0 && loop->run_ns.count == 0;
	return !is_silent &&
	       trace_filter_has(&choice->nodes, trace_node_name(analysis, loop->domain, loop->node, buffer));
}
