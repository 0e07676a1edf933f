/* SPDX-License-Identifier: Apache-2.0 */
/* --topic TOPIC, --node NODE, --chain TEXT: of what is shown only that. */
#ifndef APPS_TAKT_TRACE_FILTER_H
#define APPS_TAKT_TRACE_FILTER_H

#include <stdint.h>

#include "apps/takt/trace_analysis.h"

#define TRACE_FILTER_MAX 16

struct trace_filter {
	const char *words[TRACE_FILTER_MAX];
	uint32_t count; /* 0: all */
};

/* What of a trace is shown. */
struct trace_choice {
	struct trace_filter topics;
	struct trace_filter chains; /* parts of their texts */
	struct trace_filter nodes;
};

/* The options of a choice, for a command's table. */
enum { TRACE_OPTION_TOPIC = 900, TRACE_OPTION_NODE, TRACE_OPTION_CHAIN };
#define TRACE_CHOICE_TEXTS                                                                                             \
	{"topic", "TOPIC", "only hops and chains with this topic; may be given again", 0, TRACE_OPTION_TOPIC},         \
		{"node", "NODE",                                                                                       \
		 "only this node: its hops, its cycles, chains that it is part of; may be given again", 0,             \
		 TRACE_OPTION_NODE},                                                                                   \
	{                                                                                                              \
		"chain", "TEXT", "only chains whose text has this in it, as \"imu > controller\"; may be given again", \
			0, TRACE_OPTION_CHAIN                                                                          \
	}

/* Takes one of these options. @param path of the command, for messages @retval OPTIONS_GO_ON, or EXIT_USAGE after a message */
int trace_choice_take(struct trace_choice *choice, const char *path, int option, const char *value);

/* @retval 1 the name is one of them, or there are none */
int trace_filter_has(const struct trace_filter *filter, const char *name);

/* @param text the chain's */
int trace_choice_has_chain(const struct trace_choice *choice, const struct trace_analysis *analysis,
			   const struct trace_chain *chain, const char *text);
int trace_choice_has_hop(const struct trace_choice *choice, const struct trace_analysis *analysis,
			 const struct trace_hop *hop);
/* A loop that did nothing is never chosen. */
int trace_choice_has_loop(const struct trace_choice *choice, const struct trace_analysis *analysis,
			  const struct trace_loop *loop);

/* A choice that nothing passes is a slip. @retval 1 each of its topics and nodes is in the trace; 0 with a message */
int trace_choice_is_known(const struct trace_choice *choice, const struct trace_analysis *analysis);

#endif
