/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/domain_choice.h"
#include "apps/takt/messages.h"
#include "apps/takt/node_view.h"
#include "core/histogram.h"
#include "platform/clock.h"
#include "platform/message.h"

#define DOMAINS_LOOK_NS (200 * TAKT_NS_PER_MS) /* for domains that have come or gone */
#define OPEN_AGAIN_NS	(50 * TAKT_NS_PER_MS)  /* a node that has its place, and not yet its segment */
#define ENDING_NS	(250 * TAKT_NS_PER_MS) /* from a node's last cycle to its having ended */
#define ROOM_FOR_RATE	1.5

/* A topic that a node reads. */
struct watched_topic {
	uint64_t stale;
	uint64_t found;	 /* not told yet */
	uint64_t due_ns; /* when it is to be told */
};

/* A life of a node. */
struct watched {
	struct node_view view;
	uint64_t open_due_ns;
	uint32_t is_settled; /* 1: its end has been seen, or came before us */
	uint64_t overruns;
	uint64_t late;
	struct watched_topic topics[TAKT_TOPICS_PER_NODE_MAX];
};

struct watched_domain {
	char name[TAKT_NAME_BYTES]; /* "": free */
	struct takt_domain domain;
	struct watched *nodes;
};

struct trace_look {
	struct trace_wishes wishes;
	struct domain_list list;
	struct watched_domain domains[DOMAIN_LIST_MAX];
	uint64_t domains_due_ns;
	uint64_t began_ns; /* who died before that is no finding */
};

const char *trace_cause_name(enum trace_cause cause)
{
	static const char *const names[TRACE_CAUSE_COUNT] = {"death", "overrun", "late", "stale"};

	return names[cause];
}

static void speak_again(const struct trace_wishes *wishes)
{
	if (wishes->speak)
		wishes->speak();
	else
		messages_escape();
}

/* ------------------------------------------------------------------------------------------------------ counters */

static uint64_t overruns_of(const struct node_view *view)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < view->loop_count; i++)
		sum += node_view_read(&view->loops[i].overrun_count);
	return sum;
}

/* Cycles that began later than that: what lies in buckets above the one of the threshold. */
static uint64_t late_of(const struct node_view *view, uint64_t late_ns)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; late_ns && i < view->loop_count; i++)
		for (uint32_t bucket = takt_histogram_bucket(late_ns) + 1; bucket < TAKT_HISTOGRAM_BUCKET_COUNT;
		     bucket++)
			sum += node_view_read(&view->loops[i].jitter_ns.buckets[bucket]);
	return sum;
}

static uint32_t state_of(const struct node_view *view)
{
	const struct takt_node_shm *shared = view->shm.address;

	/* Acquire is not needed: a node that ended in order gave its presence up behind the word, in the kernel. */
	return atomic_load_explicit((_Atomic uint32_t *)(uintptr_t)&shared->state, memory_order_relaxed);
}

static int has_ended(const struct node_view *view)
{
	return view->shm.address && state_of(view) == TAKT_NODE_ENDED;
}

/* ---------------------------------------------------------------------------------------------------- one node */

struct look_at {
	const struct trace_look *look;
	const struct watched_domain *domain;
	void (*found)(void *context, const struct trace_finding *finding);
	void *context;
};

static void tell(const struct look_at *at, const struct watched *node, enum trace_cause cause, const char *topic,
		 uint64_t count)
{
	struct trace_finding finding = {.cause = cause, .count = count};

	(void)snprintf(finding.domain, sizeof(finding.domain), "%s", at->domain->name);
	(void)snprintf(finding.node, sizeof(finding.node), "%s", node->view.name);
	(void)snprintf(finding.topic, sizeof(finding.topic), "%s", topic);
	at->found(at->context, &finding);
}

/* A reader of a topic whose publisher has ended in order gets stale samples, as it must. */
static int is_expected(const struct watched_domain *domain, const char *topic)
{
	for (uint32_t i = 0; i < domain->domain.node_count; i++) {
		const struct node_view *view = &domain->nodes[i].view;

		if (has_ended(view) && node_view_publication(view, topic))
			return 1;
	}
	return 0;
}

/* A publisher that ends in order has its last reader find its last sample stale before it says that it has ended. */
static void compare_stale(const struct look_at *at, struct watched *node, uint64_t now_ns)
{
	for (uint32_t i = 0; i < node->view.subscription_count; i++) {
		struct watched_topic *topic = &node->topics[i];
		uint64_t stale = node_view_read(&node->view.subscriptions[i].stale_count);

		if (stale != topic->stale && topic->found == 0)
			topic->due_ns = now_ns + ENDING_NS;
		topic->found += stale - topic->stale;
		topic->stale = stale;
		if (topic->found == 0 || now_ns < topic->due_ns)
			continue;
		struct domain_name name = node_view_topic(node->view.subscriptions[i].topic);
		if (!is_expected(at->domain, name.text))
			tell(at, node, TRACE_STALE, name.text, topic->found);
		topic->found = 0;
	}
}

static void compare(const struct look_at *at, struct watched *node, uint64_t now_ns)
{
	const struct trace_wishes *wishes = &at->look->wishes;
	uint64_t overruns = overruns_of(&node->view);
	uint64_t late = late_of(&node->view, wishes->late_ns);

	if (overruns != node->overruns && !wishes->no_overrun)
		tell(at, node, TRACE_OVERRUN, "", overruns - node->overruns);
	if (late != node->late)
		tell(at, node, TRACE_LATE, "", late - node->late);
	node->overruns = overruns;
	node->late = late;
	if (!wishes->no_stale)
		compare_stale(at, node, now_ns);
}

static void begin_life(const struct look_at *at, struct watched *node, uint32_t index, uint64_t now_ns)
{
	node_view_close(&node->view);
	messages_silence();
	node_view_open(&node->view, &at->domain->domain, index);
	speak_again(&at->look->wishes);
	node->open_due_ns = now_ns + OPEN_AGAIN_NS;
	/* One that came and died between two looks is told by the next one. */
	node->is_settled = node->view.life != TAKT_OS_ALIVE && node->view.joined_ns < at->look->began_ns;
	if (node->view.shm.address == NULL)
		return;
	node->overruns = overruns_of(&node->view);
	node->late = late_of(&node->view, at->look->wishes.late_ns);
	for (uint32_t i = 0; i < node->view.subscription_count; i++)
		node->topics[i] =
			(struct watched_topic){.stale = node_view_read(&node->view.subscriptions[i].stale_count)};
}

static void look_at_node(const struct look_at *at, struct watched *node, uint32_t index, uint64_t now_ns)
{
	/* Relaxed: the presence file decides. */
	const struct takt_roster_node_shm *place = takt_domain_node(&at->domain->domain, index);
	uint64_t token = node_view_read(&place->token);
	int is_same = node->view.shm.address && node->view.token == token;

	/* Its place has been taken by the next life, or is asked about: what it did last is still in the mapping. */
	if (node->view.shm.address && !node->is_settled) {
		compare(at, node, now_ns);
		if (!is_same || takt_domain_ask(&at->domain->domain, token) == TAKT_OS_DEAD) {
			node->is_settled = 1;
			if (!has_ended(&node->view))
				tell(at, node, TRACE_DEATH, "", 1);
		}
	}
	/* One that left in order before we came has no token, and its segment still says which topics it will not write. */
	int has_left = token == 0 && node->view.shm.address == NULL && node_view_read(&place->joined_count) > 0;
	if (((!is_same && token) || has_left) && now_ns >= node->open_due_ns)
		begin_life(at, node, index, now_ns);
}

/* ------------------------------------------------------------------------------------------------------ domains */

static void leave_domain(struct watched_domain *domain)
{
	for (uint32_t i = 0; domain->nodes && i < domain->domain.node_count; i++)
		node_view_close(&domain->nodes[i].view);
	free(domain->nodes);
	takt_domain_close(&domain->domain);
	*domain = (struct watched_domain){.nodes = NULL};
}

static void enter_domain(struct trace_look *look, const char *name)
{
	struct watched_domain *free_place = NULL;

	for (uint32_t i = 0; i < DOMAIN_LIST_MAX; i++) {
		if (strcmp(look->domains[i].name, name) == 0)
			return;
		if (free_place == NULL && look->domains[i].name[0] == '\0')
			free_place = &look->domains[i];
	}
	if (free_place == NULL || takt_domain_attach(&free_place->domain, name) != TAKT_OK)
		return;
	free_place->nodes = calloc(free_place->domain.node_count + 1, sizeof(*free_place->nodes));
	if (free_place->nodes == NULL)
		takt_domain_close(&free_place->domain);
	else
		(void)snprintf(free_place->name, sizeof(free_place->name), "%s", name);
}

static void find_domains(struct trace_look *look)
{
	/* What cannot be attached to is still being made, or not ours to see. */
	messages_silence();
	for (uint32_t i = 0; i < DOMAIN_LIST_MAX; i++)
		if (look->domains[i].name[0] && !takt_os_shm_has_name(&look->domains[i].domain.roster))
			leave_domain(&look->domains[i]);
	if (look->wishes.domain && domain_exists(look->wishes.domain))
		enter_domain(look, look->wishes.domain);
	if (look->wishes.domain == NULL && domain_list_read(&look->list) == 0)
		for (uint32_t i = 0; i < look->list.count; i++)
			enter_domain(look, look->list.names[i]);
	speak_again(&look->wishes);
}

struct trace_look *trace_look_new(const struct trace_wishes *wishes)
{
	struct trace_look *look = calloc(1, sizeof(*look));

	if (look == NULL) {
		takt_message(TAKT_ERROR, "no memory is left for looking at domains");
		return NULL;
	}
	look->wishes = *wishes;
	look->began_ns = takt_os_clock_now_ns();
	return look;
}

void trace_look_free(struct trace_look *look)
{
	if (look == NULL)
		return;
	for (uint32_t i = 0; i < DOMAIN_LIST_MAX; i++)
		if (look->domains[i].name[0])
			leave_domain(&look->domains[i]);
	free(look);
}

void trace_look_once(struct trace_look *look, uint64_t now_ns,
		     void (*found)(void *context, const struct trace_finding *finding), void *context)
{
	struct look_at at = {.look = look, .found = found, .context = context};

	for (uint32_t i = 0; i < DOMAIN_LIST_MAX; i++) {
		at.domain = &look->domains[i];
		for (uint32_t j = 0; at.domain->name[0] && j < at.domain->domain.node_count; j++)
			look_at_node(&at, &at.domain->nodes[j], j, now_ns);
	}
	/* Afterwards: a domain that is about to be left has had its last look. */
	if (now_ns < look->domains_due_ns)
		return;
	find_domains(look);
	look->domains_due_ns = now_ns + DOMAINS_LOOK_NS;
}

/* ------------------------------------------------------------------------------------------------------- living */

/* Events that a node has written so far: a cycle has two, a wake-up, a read and a publication one each. */
static double events_of(const struct node_view *view)
{
	uint64_t events = 0;

	for (uint32_t i = 0; i < view->loop_count; i++)
		events += 2 * node_view_read(&view->loops[i].cycle_count) + node_view_read(&view->loops[i].wake_count);
	for (uint32_t i = 0; i < view->publication_count; i++)
		events += node_view_read(&view->publications[i].published_count);
	for (uint32_t i = 0; i < view->subscription_count; i++)
		events += node_view_read(&view->subscriptions[i].got_count);
	return (double)events;
}

static uint32_t add_living(const char *name, struct trace_living *living, uint32_t room, struct trace_rates *rates)
{
	struct takt_domain domain;
	struct node_views views;
	uint32_t count = 0;

	if (takt_domain_attach(&domain, name) != TAKT_OK)
		return 0;
	uint64_t now_ns = takt_os_clock_now_ns();
	node_views_open(&views, &domain);
	for (uint32_t i = 0; i < views.count && count < room; i++) {
		const struct node_view *view = &views.all[i];

		if (view->life != TAKT_OS_ALIVE || view->shm.address == NULL)
			continue;
		(void)snprintf(living[count].domain, TAKT_NAME_BYTES, "%s", name);
		(void)snprintf(living[count].node, TAKT_NAME_BYTES, "%s", view->name);
		living[count++].process_id = view->process_id;
		if (now_ns > view->joined_ns + TAKT_NS_PER_MS)
			trace_rates_add(rates,
					ROOM_FOR_RATE * events_of(view) * 1e9 / (double)(now_ns - view->joined_ns));
	}
	node_views_close(&views);
	takt_domain_close(&domain);
	return count;
}

uint32_t trace_look_living(const char *domain, struct trace_living *living, uint32_t room, struct trace_rates *rates)
{
	static struct domain_list list;
	uint32_t count = 0;

	*rates = (struct trace_rates){0};
	messages_silence();
	if (domain)
		count = domain_exists(domain) ? add_living(domain, living, room, rates) : 0;
	else if (domain_list_read(&list) == 0)
		for (uint32_t i = 0; i < list.count; i++)
			count += add_living(list.names[i], living + count, room - count, rates);
	messages_escape();
	return count;
}
