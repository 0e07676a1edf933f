/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_analysis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_BITS  15
#define INDEX_COUNT (1u << INDEX_BITS) /* more than twice all that is found by it */

/* What an entry of the index is. */
enum found { FOUND_HOP = 1, FOUND_LOOP = 2, FOUND_ACCOUNT = 3 };

void trace_span_add(struct takt_histogram *histogram, uint64_t value)
{
	histogram->buckets[takt_histogram_bucket(value)]++;
	histogram->sum += value;
	if (value > histogram->max)
		histogram->max = value;
	if (histogram->count++ == 0 || value < histogram->min)
		histogram->min = value;
}

struct trace_analysis *trace_analysis_new(const struct trace_analysis_options *options)
{
	struct trace_analysis *analysis = calloc(1, sizeof(*analysis));
	if (analysis == NULL)
		return NULL;
	analysis->options = *options;
	analysis->index = calloc(INDEX_COUNT, sizeof(*analysis->index));
	analysis->accounts = calloc(TRACE_ACCOUNTS_MAX, sizeof(*analysis->accounts));
	analysis->waiting = calloc(TRACE_WAITING_MAX, sizeof(*analysis->waiting));
	analysis->switches = calloc(TRACE_SWITCHES, sizeof(*analysis->switches));
	if (analysis->index && analysis->accounts && analysis->waiting && analysis->switches)
		return analysis;
	trace_analysis_free(analysis);
	return NULL;
}

void trace_analysis_free(struct trace_analysis *analysis)
{
	if (analysis == NULL)
		return;
	for (uint32_t i = 0; i < analysis->domain_count; i++) {
		for (uint32_t topic = 0; topic < TAKT_TOPIC_COUNT_MAX; topic++)
			free(analysis->domains[i]->topics[topic].slots);
		free(analysis->domains[i]);
	}
	for (uint32_t i = 0; i < analysis->hop_count; i++)
		free(analysis->hops[i]);
	for (uint32_t i = 0; i < analysis->chain_count; i++)
		free(analysis->chains[i]);
	for (uint32_t i = 0; i < analysis->loop_count; i++) {
		free(analysis->loops[i]->worst);
		free(analysis->loops[i]->late);
		free(analysis->loops[i]->jitter);
		free(analysis->loops[i]);
	}
	free(analysis->accounts);
	free(analysis->waiting);
	free(analysis->switches);
	free(analysis->index);
	free(analysis);
}

/* ------------------------------------------------------------------------------------------------------- tables */

/* @retval index in the analysis; UINT32_MAX: there is no room for another */
static uint32_t domain_of(struct trace_analysis *analysis, uint64_t instance)
{
	for (uint32_t i = 0; i < analysis->domain_count; i++)
		if (analysis->domains[i]->instance == instance)
			return i;
	if (analysis->domain_count == TRACE_DOMAINS_MAX)
		return UINT32_MAX;
	struct trace_domain *domain = calloc(1, sizeof(*domain));
	if (domain == NULL)
		return UINT32_MAX;
	domain->instance = instance;
	analysis->domains[analysis->domain_count] = domain;
	return analysis->domain_count++;
}

/* Whether the entry is the one. */
static int is_entry(const struct trace_analysis *analysis, uint32_t entry, enum found kind, const uint32_t key[3])
{
	uint32_t at = (entry >> 2) - 1;
	if ((entry & 3u) != (uint32_t)kind)
		return 0;
	if (kind == FOUND_HOP) {
		const struct trace_hop *hop = analysis->hops[at];
		return hop->domain == key[0] && hop->topic == key[1] && hop->reader == key[2];
	}
	if (kind == FOUND_LOOP) {
		const struct trace_loop *loop = analysis->loops[at];
		return loop->domain == key[0] && loop->node == key[1] && loop->loop == key[2];
	}
	const struct trace_account *account = &analysis->accounts[at];
	return account->domain == key[0] && account->node == key[1] && account->topic == key[2];
}

/* @retval the place in the index where it is, or would be */
static uint32_t *find(const struct trace_analysis *analysis, enum found kind, const uint32_t key[3])
{
	uint32_t hash =
		key[0] * 0x9e3779b1u ^ key[1] * 0x85ebca6bu ^ key[2] * 0xc2b2ae35u ^ (uint32_t)kind * 0x27d4eb2fu;
	for (uint32_t at = hash >> (32 - INDEX_BITS);; at = (at + 1) & (INDEX_COUNT - 1))
		if (analysis->index[at] == 0 || is_entry(analysis, analysis->index[at], kind, key))
			return &analysis->index[at];
}

struct trace_hop *trace_hop_of(struct trace_analysis *analysis, uint32_t domain, uint64_t topic, uint64_t reader)
{
	const uint32_t key[3] = {domain, (uint32_t)topic, (uint32_t)reader};
	uint32_t *entry = find(analysis, FOUND_HOP, key);
	if (*entry)
		return analysis->hops[(*entry >> 2) - 1];
	struct trace_hop *hop = NULL;
	if (topic < TAKT_TOPIC_COUNT_MAX && reader < TAKT_NODE_COUNT_MAX && analysis->hop_count < TRACE_HOPS_MAX)
		hop = calloc(1, sizeof(*hop));
	if (hop == NULL)
		return NULL;
	hop->domain = domain;
	hop->topic = key[1];
	hop->reader = key[2];
	analysis->hops[analysis->hop_count++] = hop;
	*entry = analysis->hop_count << 2 | FOUND_HOP;
	return hop;
}

struct trace_loop *trace_loop_of(struct trace_analysis *analysis, uint32_t domain, uint64_t node, uint64_t loop_index)
{
	const uint32_t key[3] = {domain, (uint32_t)node, (uint32_t)loop_index};
	uint32_t *entry = find(analysis, FOUND_LOOP, key);
	if (*entry)
		return analysis->loops[(*entry >> 2) - 1];
	struct trace_loop *loop = NULL;
	if (node < TAKT_NODE_COUNT_MAX && loop_index <= TRACE_NONE && analysis->loop_count < TRACE_LOOPS_MAX)
		loop = calloc(1, sizeof(*loop));
	if (loop == NULL)
		return NULL;
	loop->worst = calloc(analysis->options.worst_count + 1, sizeof(*loop->worst));
	if (analysis->options.has_series) {
		loop->late = calloc(1, sizeof(*loop->late));
		loop->jitter = calloc(1, sizeof(*loop->jitter));
	}
	if (loop->worst == NULL || (analysis->options.has_series && !(loop->late && loop->jitter))) {
		free(loop->worst);
		free(loop->late);
		free(loop->jitter);
		free(loop);
		return NULL;
	}
	loop->domain = domain;
	loop->node = key[1];
	loop->loop = key[2];
	loop->woken_topic = TRACE_NONE;
	loop->present.loop = analysis->loop_count;
	analysis->loops[analysis->loop_count++] = loop;
	*entry = analysis->loop_count << 2 | FOUND_LOOP;
	return loop;
}

struct trace_account *trace_account_of(struct trace_analysis *analysis, uint32_t domain, uint64_t node, uint64_t topic)
{
	const uint32_t key[3] = {domain, (uint32_t)node, (uint32_t)topic};
	uint32_t *entry = find(analysis, FOUND_ACCOUNT, key);
	if (*entry)
		return &analysis->accounts[(*entry >> 2) - 1];
	if (topic >= TAKT_TOPIC_COUNT_MAX || node >= TAKT_NODE_COUNT_MAX ||
	    analysis->account_count == TRACE_ACCOUNTS_MAX)
		return NULL;
	struct trace_account *account = &analysis->accounts[analysis->account_count++];
	*account = (struct trace_account){.domain = domain, .node = key[1], .topic = key[2]};
	*entry = analysis->account_count << 2 | FOUND_ACCOUNT;
	return account;
}

/* ------------------------------------------------------------------------------------------------------- names */

static void describe(struct trace_domain *domain, const struct trace_event *event)
{
	const struct trace_described *from = &event->described;
	if (event->kind == TRACE_DOMAIN_DESCRIBED) {
		(void)snprintf(domain->name, sizeof(domain->name), "%s", from->name);
		domain->is_described = 1;
	} else if (event->kind == TRACE_NODE_DESCRIBED && from->described < TAKT_NODE_COUNT_MAX) {
		(void)snprintf(domain->nodes[from->described], TAKT_NAME_BYTES, "%s", from->name);
		domain->period_us[from->described] = from->period_us;
		if (from->described >= domain->node_count)
			domain->node_count = (uint32_t)from->described + 1;
	} else if (event->kind == TRACE_TOPIC_DESCRIBED && from->topic < TAKT_TOPIC_COUNT_MAX) {
		struct trace_topic *topic = &domain->topics[from->topic];
		(void)snprintf(topic->name, sizeof(topic->name), "%s", from->name);
		(void)snprintf(topic->type, sizeof(topic->type), "%s", from->type);
		topic->is_described = 1;
		if (from->topic >= domain->topic_count)
			domain->topic_count = (uint32_t)from->topic + 1;
	}
}

const char *trace_topic_name(const struct trace_analysis *analysis, uint32_t domain, uint32_t topic, char buffer[32])
{
	if (topic < TAKT_TOPIC_COUNT_MAX && analysis->domains[domain]->topics[topic].name[0])
		return analysis->domains[domain]->topics[topic].name;
	(void)snprintf(buffer, 32, "topic %u", topic);
	return buffer;
}

const char *trace_node_name(const struct trace_analysis *analysis, uint32_t domain, uint32_t node, char buffer[32])
{
	if (node < TAKT_NODE_COUNT_MAX && analysis->domains[domain]->nodes[node][0])
		return analysis->domains[domain]->nodes[node];
	(void)snprintf(buffer, 32, "node %u", node);
	return buffer;
}

/* ------------------------------------------------------------------------------------------------------- counters */

/* Counters begin at 0 again when the node lives again. */
static void take_counters(struct trace_account *account, const uint64_t *values, uint32_t first, uint32_t count,
			  uint64_t life)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = first + i;
		if (account->is_known & 1u << at) {
			uint64_t since = values[i] >= account->last[at] ? values[i] - account->last[at] : values[i];
			account->counted[at] += since;
		} else {
			account->traced[at] = 0;
			account->base[at] = values[i];
		}
		account->last[at] = values[i];
		account->traced_at_dump[at] = account->traced[at];
		account->is_known |= 1u << at;
	}
	(void)life;
}

static void count_described(struct trace_analysis *analysis, uint32_t domain, const struct trace_event *event)
{
	const struct trace_described *from = &event->described;
	struct trace_account *account = trace_account_of(analysis, domain, event->node, from->topic);
	if (account == NULL)
		return;
	if (event->kind == TRACE_PUBLICATION_DESCRIBED) {
		take_counters(account, (const uint64_t[]){from->published}, TRACE_PUBLISHED, 1, 0);
	} else {
		const uint64_t values[] = {from->got, from->lost, from->skipped};
		take_counters(account, values, TRACE_GOT, 3, 0);
	}
}

/* Behind the counters of a node comes the word why they were dumped. */
static void end_dump(struct trace_analysis *analysis, uint32_t domain, const struct trace_event *event)
{
	analysis->dump_count++;
	for (uint32_t i = 0; i < analysis->account_count; i++) {
		struct trace_account *account = &analysis->accounts[i];
		if (account->domain != domain || account->node != event->node)
			continue;
		if (event->described.cause == TRACE_DUMP_JOIN && account->traced_at_dump[0] == 0 &&
		    account->counted[0] == 0 && account->traced_at_dump[1] == 0 && account->counted[1] == 0)
			account->is_whole = 1;
		account->is_final = event->described.cause == TRACE_DUMP_LEAVE;
	}
}

/* ------------------------------------------------------------------------------------------------------- events */

static void count_traced(struct trace_analysis *analysis, uint32_t domain, const struct trace_event *event)
{
	struct trace_account *account = trace_account_of(analysis, domain, event->node, event->sample.topic);
	if (account == NULL)
		return;
	account->is_final = 0;
	if (event->kind == TRACE_SAMPLE_PUBLISHED) {
		account->traced[TRACE_PUBLISHED]++;
	} else if (event->kind == TRACE_SAMPLES_LOST) {
		account->traced[TRACE_LOST] += event->lost.count;
	} else if (!event->sample.is_repeated) {
		account->traced[TRACE_GOT]++;
		account->traced[TRACE_SKIPPED] += event->sample.skipped;
	}
}

static void add_lost(struct trace_analysis *analysis, uint32_t domain, const struct trace_event *event)
{
	struct trace_hop *hop = trace_hop_of(analysis, domain, event->lost.topic, event->node);
	struct trace_loop *loop = trace_loop_of(analysis, domain, event->node, event->loop);
	if (hop)
		hop->lost_count += event->lost.count;
	if (loop)
		trace_add_point(loop, &(struct trace_point){.time_ns = event->time_ns,
							    .kind = event->kind,
							    .topic = (uint32_t)event->lost.topic,
							    .number = event->lost.first,
							    .value = event->lost.count});
}

static void add_takt(struct trace_analysis *analysis, uint32_t domain, const struct trace_event *event)
{
	struct trace_loop *loop;
	switch (event->kind) {
	case TRACE_SAMPLE_PUBLISHED:
		count_traced(analysis, domain, event);
		trace_add_publish(analysis, domain, event);
		return;
	case TRACE_SAMPLE_READ:
	case TRACE_SAMPLE_BORROWED:
		count_traced(analysis, domain, event);
		trace_add_read(analysis, domain, event);
		return;
	case TRACE_SAMPLES_LOST:
		count_traced(analysis, domain, event);
		add_lost(analysis, domain, event);
		return;
	case TRACE_DOMAIN_DESCRIBED:
	case TRACE_NODE_DESCRIBED:
	case TRACE_TOPIC_DESCRIBED:
		describe(analysis->domains[domain], event);
		return;
	case TRACE_PUBLICATION_DESCRIBED:
	case TRACE_SUBSCRIPTION_DESCRIBED:
		count_described(analysis, domain, event);
		return;
	case TRACE_STATE_DUMPED:
		end_dump(analysis, domain, event);
		return;
	case TRACE_LOOP_DESCRIBED:
		loop = trace_loop_of(analysis, domain, event->node, event->described.described);
		if (loop && event->described.period_ns)
			loop->period_ns = event->described.period_ns;
		return;
	case TRACE_NODE_FOUND_DEAD:
		analysis->domains[domain]->dead_count += event->nodes.held == 0;
		return;
	default:
		loop = trace_loop_of(analysis, domain, event->node, event->loop);
		if (loop)
			trace_add_cycle(analysis, loop, event);
		else
			analysis->no_room_count++;
	}
}

void trace_analysis_add(struct trace_analysis *analysis, const struct trace_event *event)
{
	if (event->kind == TRACE_SCHED_SWITCH || event->kind == TRACE_SCHED_WAKEUP) {
		analysis->kernel_count++;
		trace_add_switch(analysis, event);
		return;
	}
	uint32_t domain = domain_of(analysis, event->domain);
	analysis->event_count++;
	trace_settle(analysis, event->time_ns);
	if (domain == UINT32_MAX)
		analysis->no_room_count++;
	else
		add_takt(analysis, domain, event);
}

void trace_analysis_finish(struct trace_analysis *analysis)
{
	trace_settle(analysis, UINT64_MAX);
}
