/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_deaths.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Its place; else a new one, or that of the one which has been saved longest ago. */
static struct trace_death *place_of(struct trace_deaths *deaths, const char *domain, const char *node)
{
	struct trace_death *oldest = NULL;

	for (uint32_t i = 0; i < deaths->count; i++) {
		struct trace_death *death = &deaths->all[i];

		if (strcmp(death->domain, domain) == 0 && strcmp(death->node, node) == 0)
			return death;
		if (death->count == 0 && (oldest == NULL || death->due_ns < oldest->due_ns))
			oldest = death;
	}
	if (deaths->count < TRACE_DEATHS_MAX)
		oldest = &deaths->all[deaths->count++];
	if (oldest == NULL)
		return NULL;
	*oldest = (struct trace_death){.count = 0};
	(void)snprintf(oldest->domain, sizeof(oldest->domain), "%s", domain);
	(void)snprintf(oldest->node, sizeof(oldest->node), "%s", node);
	return oldest;
}

int trace_deaths_add(struct trace_deaths *deaths, const char *domain, const char *node)
{
	struct trace_death *death = place_of(deaths, domain, node);

	if (death == NULL)
		return 0;
	death->count++;
	return 1;
}

int trace_deaths_are_due(const struct trace_deaths *deaths, uint64_t now_ns)
{
	for (uint32_t i = 0; i < deaths->count; i++)
		if (deaths->all[i].count && now_ns >= deaths->all[i].due_ns)
			return 1;
	return 0;
}

uint32_t trace_deaths_waiting(const struct trace_deaths *deaths)
{
	uint32_t waiting = 0;

	for (uint32_t i = 0; i < deaths->count; i++)
		waiting += deaths->all[i].count > 0;
	return waiting;
}

void trace_deaths_saved(struct trace_deaths *deaths, uint64_t now_ns, uint64_t pause_ns)
{
	for (uint32_t i = 0; i < deaths->count; i++) {
		struct trace_death *death = &deaths->all[i];

		if (death->count)
			death->due_ns = now_ns + pause_ns;
		death->count = 0;
	}
}
