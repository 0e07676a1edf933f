/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sync.h"

#include <stdio.h>
#include <string.h>

#include "core/layout.h"
#include "core/node_presence.h"
#include "core/segment.h"
#include "core/sync_access.h"
#include "core/topic_segment.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/message.h"

/* ------------------------------------------------------------------------------------------------------ segment */

struct sync_fill {
	const struct takt_domain *domain;
	const struct takt_config *config;
	uint32_t sync_index;
};

/* Not shared with anybody yet: relaxed throughout, `ready` and the link publish it. */
static void fill_sync(void *context, void *memory)
{
	const struct sync_fill *fill = context;
	const struct takt_config_sync *sync = &fill->config->syncs[fill->sync_index];
	struct takt_sync_shm *shared = memory;

	takt_segment_fill(&shared->segment, TAKT_SEGMENT_SYNC, fill->domain->name, sync->name, sizeof(*shared),
			  takt_config_sync_hash(fill->config, fill->sync_index), fill->domain->instance);
	shared->kind = (uint32_t)sync->kind;
	shared->initial = sync->initial;
	shared->maximum = sync->maximum;
	shared->is_undone = sync->is_undone;
	shared->user_mask = takt_config_user_mask(fill->config, sync->name);
	takt_os_sem_init(&shared->lock.hint);
	atomic_store_explicit(&shared->word, sync->initial, memory_order_relaxed);
	takt_segment_set_ready(&shared->segment);
}

/* The names of an object's two files. */
struct names {
	struct takt_object_name segment;
	struct takt_object_name live;
};

static struct names names_of(const char *sync)
{
	struct names names = {.segment = takt_object_name("sync", sync)};

	/* Not live.NAME: that may be a topic's. */
	names.live = takt_object_name("live", names.segment.text);
	return names;
}

static enum takt_status resolve(const struct takt_config *config, uint32_t sync_index, struct takt_os_rights *rights,
				struct takt_os_rights *live_rights)
{
	enum takt_status status = takt_config_rights_resolve(&config->syncs[sync_index].rights, rights);

	if (status == TAKT_OK)
		*live_rights = takt_topic_live_rights(rights);
	return status;
}

enum takt_status takt_sync_create(const struct takt_domain *domain, const struct takt_config *config,
				  uint32_t sync_index, uint32_t *created_count)
{
	struct sync_fill fill = {.domain = domain, .config = config, .sync_index = sync_index};
	struct names names = names_of(config->syncs[sync_index].name);
	struct takt_os_rights rights, live_rights;
	enum takt_status status = resolve(config, sync_index, &rights, &live_rights);

	const struct takt_object_plan live = {names.live.text, 0, &live_rights, NULL, NULL};
	const struct takt_object_plan segment = {names.segment.text, sizeof(struct takt_sync_shm), &rights, fill_sync,
						 &fill};
	/* The presence file first: where there is a segment, its users count on the file. */
	if (status == TAKT_OK)
		status = takt_object_create(domain, config, &live, created_count);
	if (status == TAKT_OK)
		status = takt_object_create(domain, config, &segment, created_count);
	return status;
}

static enum takt_status differs(const struct takt_domain *domain, const char *sync, const char *what, uint64_t there,
				uint64_t here)
{
	takt_message(
		TAKT_ERROR,
		"sync '%s': %s is %llu in the running domain and %llu in this config; use the config that the domain "
		"was started with, or stop it and run: takt clean %s",
		sync, what, (unsigned long long)there, (unsigned long long)here, domain->name);
	return TAKT_MISMATCH;
}

/* Names the first difference between the object and the config. Foreign bytes are compared and never used. */
static enum takt_status compare(const struct takt_domain *domain, const struct takt_config *config, uint32_t sync_index,
				const struct takt_sync_shm *shared)
{
	const struct takt_config_sync *here = &config->syncs[sync_index];
	struct takt_sync_shm there;

	memcpy(&there, shared, offsetof(struct takt_sync_shm, mask));
	if (there.kind != (uint32_t)here->kind) {
		takt_message(
			TAKT_ERROR,
			"sync '%s': it is a %s in the running domain and a %s in this config; use the config that the "
			"domain was started with, or stop it and run: takt clean %s",
			here->name, takt_sync_kind_name(there.kind), takt_sync_kind_name((uint32_t)here->kind),
			domain->name);
		return TAKT_MISMATCH;
	}
	if (there.initial != here->initial)
		return differs(domain, here->name, "`initial`", there.initial, here->initial);
	if (there.maximum != here->maximum)
		return differs(domain, here->name, here->kind == TAKT_SYNC_BARRIER ? "`members`" : "`maximum`",
			       there.maximum, here->maximum);
	if (there.is_undone != here->is_undone)
		return differs(domain, here->name, "`undo`", there.is_undone, here->is_undone);
	uint64_t users = takt_config_user_mask(config, here->name);
	if (there.user_mask != users)
		return differs(domain, here->name, "the set of its users (as waiter bits)", there.user_mask, users);
	return TAKT_OK;
}

static enum takt_status map(struct takt_os_shm *shm, const struct takt_domain *domain, const struct takt_config *config,
			    uint32_t sync_index, enum takt_os_access access)
{
	struct names names = names_of(config->syncs[sync_index].name);
	struct takt_os_rights rights, live_rights;
	struct takt_os_shm opened = {0};
	enum takt_status status = resolve(config, sync_index, &rights, &live_rights);

	if (status != TAKT_OK)
		return status;
	status = takt_os_shm_open(&opened, domain->folder, names.segment.text, access, &rights,
				  sizeof(struct takt_sync_shm));
	if (status == TAKT_ABSENT)
		takt_topic_segment_say_gone(names.segment.text, domain);
	if (status != TAKT_OK)
		return status;
	status = takt_segment_check(&opened, names.segment.text, TAKT_SEGMENT_SYNC, domain->name, domain->instance);
	if (status == TAKT_OK)
		status = compare(domain, config, sync_index, opened.address);
	if (status != TAKT_OK)
		takt_os_shm_close(&opened);
	else
		*shm = opened;
	return status;
}

enum takt_status takt_sync_verify(const struct takt_domain *domain, const struct takt_config *config,
				  uint32_t sync_index)
{
	struct names names = names_of(config->syncs[sync_index].name);
	struct takt_os_rights rights, live_rights;
	struct takt_os_shm shm = {0};
	enum takt_status status = resolve(config, sync_index, &rights, &live_rights);

	/* Rights first, so that nothing is opened that another user has put there. */
	if (status == TAKT_OK)
		status = takt_os_shm_compare(domain->folder, names.segment.text, &rights);
	if (status == TAKT_OK)
		status = takt_os_shm_compare(domain->folder, names.live.text, &live_rights);
	if (status == TAKT_ABSENT)
		takt_topic_segment_say_gone(names.segment.text, domain);
	if (status == TAKT_OK)
		status = map(&shm, domain, config, sync_index, TAKT_OS_READ_ONLY);
	takt_os_shm_close(&shm);
	return status;
}

/* ----------------------------------------------------------------------------------------------------- presence */

static enum takt_status open_presence(struct takt_sync *sync, struct takt_node *node, uint32_t sync_index)
{
	struct names names = names_of(sync->name);
	struct takt_os_rights rights, live_rights;
	enum takt_status status = resolve(node->config, sync_index, &rights, &live_rights);

	if (status != TAKT_OK)
		return status;
	status = takt_os_presence_open(&sync->presence, node->domain.folder, names.live.text, 1, &live_rights);
	if (status == TAKT_ABSENT)
		takt_topic_segment_say_gone(names.live.text, &node->domain);
	if (status == TAKT_OK)
		status = takt_node_presence_keep(node, &sync->presence);
	/* A token of its own for each handle: two threads of one process are two to a lock. */
	return status == TAKT_OK ? takt_presence_hold_token(&sync->presence, &sync->token, "sync", sync->name) : status;
}

/* -------------------------------------------------------------------------------------------------------- locking */

/* Locks and words of a segment that was cut off are this process's own: they would be believed for ever. */
enum takt_status takt_sync_check_cut(struct takt_sync *sync)
{
	if (!takt_os_shm_is_cut(&sync->segment))
		return TAKT_OK;
	if (!sync->has_complained)
		takt_message(
			TAKT_ERROR,
			"sync '%s': its segment was cut off while it was in use; somebody who may write it shrank the "
			"file: stop the domain and run: takt clean",
			sync->name);
	sync->has_complained = 1;
	return TAKT_CORRUPT;
}

enum takt_status takt_sync_take_until(struct takt_sync *sync, uint64_t deadline_ns, int *taken_over)
{
	enum takt_status status = TAKT_OK;
	int found = 0;

	if (!takt_lock_try_take(&sync->lock))
		status = takt_lock_take_until(&sync->lock, deadline_ns, &found);
	if (status != TAKT_OK)
		return status;
	status = takt_sync_check_cut(sync);
	if (status != TAKT_OK)
		takt_lock_give(&sync->lock);
	else
		*taken_over = found;
	return status;
}

/* Each change is one store, so that whoever died holding the lock left it whole. */
static enum takt_status lock_until(struct takt_sync *sync, uint64_t deadline_ns)
{
	int taken_over;

	return takt_sync_take_until(sync, deadline_ns, &taken_over);
}

enum takt_status takt_sync_lock(struct takt_sync *sync)
{
	return lock_until(sync, takt_os_clock_now_ns() + sync->node->config->lock_bound_us * TAKT_NS_PER_US);
}

enum takt_status takt_sync_lock_to_look(struct takt_sync *sync)
{
	uint64_t bound_ns = sync->deadline_ns ? sync->node->config->lock_bound_us * TAKT_NS_PER_US : 0;
	uint64_t end_ns = bound_ns ? takt_os_clock_now_ns() + bound_ns : 0;
	enum takt_status status = lock_until(sync, end_ns < sync->deadline_ns ? end_ns : sync->deadline_ns);

	return status == TAKT_TIMEOUT ? TAKT_BUSY : status;
}

void takt_sync_unlock(struct takt_sync *sync)
{
	takt_lock_give(&sync->lock);
}

void takt_sync_wake(const struct takt_sync *sync)
{
	/* No fence: who sleeps has set its bit before it looked under the lock, and we have had the lock since. */
	(void)takt_sleep_wake(sync->node, &sync->shared->mask, sync->users);
}

int takt_sync_is_dead(const struct takt_sync *sync, uint32_t holder_index)
{
	uint64_t token = takt_sync_holder(sync, holder_index);

	if (token == 0 || token == sync->token)
		return 0;
	/* What the system cannot say is no death. */
	return token > TAKT_OS_TOKEN_MAX || takt_os_presence_ask(&sync->presence, token) == TAKT_OS_DEAD;
}

void takt_sync_count_recovered(struct takt_sync *sync)
{
	atomic_fetch_add_explicit(&sync->shared->recovered_count, 1, memory_order_relaxed);
}

void takt_sync_count(struct takt_sync *sync, enum takt_status status)
{
	/* Relaxed: statistics order nothing. */
	if (status == TAKT_OK)
		atomic_fetch_add_explicit(&sync->shared->taken_count, 1, memory_order_relaxed);
	if (status == TAKT_TIMEOUT)
		atomic_fetch_add_explicit(&sync->shared->timeout_count, 1, memory_order_relaxed);
}

enum takt_status takt_sync_try(struct takt_sync *sync, takt_sleep_attempt attempt, void *context)
{
	if (takt_sync_is_closed(sync))
		return TAKT_CLOSED;
	sync->deadline_ns = 0;
	return attempt(context);
}

enum takt_status takt_sync_wait_until(struct takt_sync *sync, takt_sleep_attempt attempt, void *context,
				      uint64_t deadline_ns)
{
	if (takt_sync_is_closed(sync))
		return TAKT_CLOSED;
	sync->deadline_ns = deadline_ns;
	enum takt_status status = takt_sleep_until(sync->waiter, &sync->shared->mask, attempt, context, deadline_ns);

	takt_sync_count(sync, status);
	return status;
}

/* ------------------------------------------------------------------------------------------------------- attach */

static enum takt_status check_config(const struct takt_node *node, const char *name, enum takt_sync_kind kind)
{
	const char *path = node->config && node->config->path[0] ? node->config->path : "the config";

	/* Relaxed: set before fork returns in the child. */
	if (node->config == NULL || atomic_load_explicit(&node->lost, memory_order_relaxed))
		return TAKT_CLOSED;
	if (!takt_config_uses(node->own, name)) {
		takt_message(
			TAKT_ERROR,
			"node '%s' may not use '%.40s': the config does not list it; add it to `uses` of the node in %s",
			node->name, name, path);
		return TAKT_INVALID;
	}
	enum takt_sync_kind found = node->config->syncs[takt_config_sync_find(node->config, name)].kind;
	if (found == kind)
		return TAKT_OK;
	takt_message(TAKT_ERROR,
		     "sync '%s' is a %s in %s, and this program attaches to it as a %s; change `kind`, or the call",
		     name, takt_sync_kind_name((uint32_t)found), path, takt_sync_kind_name((uint32_t)kind));
	return TAKT_MISMATCH;
}

/* The waiter's place: nobody living has it, but a handle of this very thread. */
static enum takt_status take_place(struct takt_sync *sync, takt_sync_bury bury)
{
	uint64_t before = takt_sync_holder(sync, sync->holder_index);

	if (before && before != sync->token && !takt_sync_is_dead(sync, sync->holder_index)) {
		takt_message(
			TAKT_ERROR,
			"sync '%s': waiter %u of the domain has it attached already; detach that handle first, or use "
			"another of the node's waiters",
			sync->name, sync->holder_index);
		return TAKT_BUSY;
	}
	if (before)
		bury(sync, sync->holder_index);
	takt_sync_state_set(sync, sync->holder_index, 0);
	/* Relaxed: under the lock. */
	atomic_store_explicit(&sync->shared->holders[sync->holder_index].token, sync->token, memory_order_relaxed);
	return TAKT_OK;
}

static enum takt_status attach(struct takt_sync *sync, struct takt_node *node, takt_sync_bury bury)
{
	uint32_t sync_index = takt_config_sync_find(node->config, sync->name);
	enum takt_status status = takt_sync_create(&node->domain, node->config, sync_index, NULL);

	if (status == TAKT_OK)
		status = map(&sync->segment, &node->domain, node->config, sync_index, TAKT_OS_READ_WRITE);
	if (status == TAKT_OK)
		status = takt_os_shm_prefault(&sync->segment, sync->name);
	if (status == TAKT_OK)
		status = open_presence(sync, node, sync_index);
	if (status != TAKT_OK)
		return status;
	sync->shared = sync->segment.address;
	sync->users = takt_config_user_mask(node->config, sync->name);
	sync->maximum = node->config->syncs[sync_index].maximum;
	sync->is_undone = node->config->syncs[sync_index].is_undone;
	sync->node = node;
	takt_lock_init(&sync->lock, &sync->shared->lock, &sync->presence, sync->token);
	/* A mutex is the lock itself: what stands in its places is for tools. */
	if (node->config->syncs[sync_index].kind == TAKT_SYNC_MUTEX)
		return take_place(sync, bury);
	status = takt_sync_lock(sync);
	if (status == TAKT_TIMEOUT)
		takt_message(
			TAKT_ERROR,
			"sync '%s': a living process has held its lock for more than %llu us; look for one that is "
			"stopped (takt node list), or raise `lock_bound_us`",
			sync->name, (unsigned long long)node->config->lock_bound_us);
	if (status != TAKT_OK)
		return status;
	status = take_place(sync, bury);
	takt_sync_unlock(sync);
	takt_sync_wake(sync);
	return status;
}

enum takt_status takt_sync_attach(struct takt_sync *sync, struct takt_waiter *waiter, const char *name,
				  enum takt_sync_kind kind, takt_sync_bury bury)
{
	struct takt_node *node = waiter->node;

	TAKT_ASSERT(sync->node == NULL && node != NULL);
	enum takt_status status = check_config(node, name, kind);
	if (status != TAKT_OK)
		return status;
	*sync = (struct takt_sync){
		.waiter = waiter,
		.presence = {.descriptor = -1},
		.token = node->token,
		.holder_index = (uint32_t)__builtin_ctzll(waiter->bit),
	};
	(void)snprintf(sync->name, sizeof(sync->name), "%s", name);
	status = attach(sync, node, bury);
	if (status == TAKT_OK)
		return TAKT_OK;
	takt_node_presence_close(node, &sync->presence);
	takt_os_shm_close(&sync->segment);
	*sync = (struct takt_sync){.node = NULL};
	return status;
}

void takt_sync_detach(struct takt_sync *sync)
{
	if (sync->node == NULL)
		return;
	if (!takt_sync_is_closed(sync)) {
		uint64_t mine = sync->token;
		/* Only if it is still ours. Relaxed: what we held was given back under the lock, and who takes the place has it. */
		(void)atomic_compare_exchange_strong_explicit(&sync->shared->holders[sync->holder_index].token, &mine,
							      0, memory_order_relaxed, memory_order_relaxed);
	}
	takt_node_presence_close(sync->node, &sync->presence);
	takt_os_shm_close(&sync->segment);
	*sync = (struct takt_sync){.node = NULL};
}
