/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "apps/takt/domain_choice.h"
#include "apps/takt/sync.h"
#include "core/config.h"
#include "core/rwlock.h"
#include "core/segment.h"
#include "platform/message.h"

#define LOCK_OWNER_MASK ((UINT64_C(1) << 62) - 1)

static uint64_t word_of(const _Atomic uint64_t *word)
{
	return atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)word, memory_order_relaxed);
}

static uint32_t held_by(const struct sync_view *view, uint32_t index)
{
	return atomic_load_explicit((_Atomic uint32_t *)(uintptr_t)&view->copy.holders[index].state,
				    memory_order_relaxed);
}

static uint64_t token_of(const struct sync_view *view, uint32_t index)
{
	return word_of(&view->copy.holders[index].token);
}

enum takt_status sync_view_open(struct sync_view *view, const struct takt_domain *domain, const char *name)
{
	const struct takt_os_rights any = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0};
	struct takt_object_name object = takt_object_name("sync", name);
	struct takt_object_name live = takt_object_name("live", object.text);
	struct takt_os_shm shm = {0};
	enum takt_status status = takt_os_shm_open(&shm, domain->folder, object.text, TAKT_OS_READ_ONLY, &any,
						   sizeof(struct takt_sync_shm));

	*view = (struct sync_view){.domain = domain, .presence = {.descriptor = -1}};
	(void)snprintf(view->name, sizeof(view->name), "%s", name);
	if (status == TAKT_OK)
		status = takt_segment_check(&shm, object.text, TAKT_SEGMENT_SYNC, domain->name, domain->instance);
	if (status == TAKT_OK)
		memcpy(&view->copy, shm.address, sizeof(view->copy));
	if (status == TAKT_OK && takt_os_shm_is_cut(&shm))
		status = TAKT_CORRUPT;
	takt_os_shm_close(&shm);
	if (status != TAKT_OK)
		return status;
	/* Who may look and not use it cannot ask whether its holders live. */
	if (takt_os_presence_open(&view->presence, domain->folder, live.text, 0, &any) != TAKT_OK)
		view->presence.descriptor = -1;
	return TAKT_OK;
}

void sync_view_close(struct sync_view *view)
{
	takt_os_presence_close(&view->presence);
}

struct sync_thread sync_view_thread(const struct sync_view *view, uint32_t waiter_index)
{
	struct sync_thread thread;

	(void)snprintf(thread.text, sizeof(thread.text), "waiter %u", waiter_index);
	for (uint32_t i = 0; i < view->domain->node_count; i++) {
		const struct takt_roster_node_shm *node = takt_domain_node(view->domain, i);
		uint32_t first = node->waiter_first;
		uint32_t count = node->waiter_count;

		if (waiter_index < first || waiter_index - first >= count)
			continue;
		struct domain_name name = domain_node_name(view->domain, i);
		if (waiter_index == first)
			(void)snprintf(thread.text, sizeof(thread.text), "%s", name.text);
		else
			(void)snprintf(thread.text, sizeof(thread.text), "%s/%u", name.text, waiter_index - first);
		break;
	}
	return thread;
}

enum takt_os_life sync_view_life(const struct sync_view *view, uint32_t waiter_index)
{
	uint64_t token = token_of(view, waiter_index);

	if (token == 0 || token > TAKT_OS_TOKEN_MAX)
		return TAKT_OS_DEAD;
	return view->presence.descriptor < 0 ? TAKT_OS_UNKNOWN : takt_os_presence_ask(&view->presence, token);
}

int sync_view_waits(const struct sync_view *view, uint32_t waiter_index)
{
	uint64_t sleepers = word_of(&view->copy.mask.waiting) & view->copy.user_mask;

	return (sleepers >> waiter_index & 1) != 0;
}

/* -------------------------------------------------------------------------------------------------- what it holds */

static uint64_t owner_of(const struct sync_view *view)
{
	return word_of(&view->copy.lock.owner) & LOCK_OWNER_MASK;
}

static uint32_t arrival(const struct sync_view *view)
{
	return (uint32_t)word_of(&view->copy.word) | UINT32_C(1) << 31;
}

struct sync_state sync_view_holding(const struct sync_view *view, uint32_t waiter_index)
{
	struct sync_state holding = {.text = "", .accent = OUTPUT_PLAIN};
	uint32_t state = held_by(view, waiter_index);
	const char *text = "attached";

	if (token_of(view, waiter_index) == 0)
		return holding;
	switch (view->copy.kind) {
	case TAKT_SYNC_SEMAPHORE:
		if (state) {
			(void)snprintf(holding.text, sizeof(holding.text), "%u unit%s", state, state == 1 ? "" : "s");
			return holding;
		}
		break;
	case TAKT_SYNC_MUTEX:
		if (owner_of(view) == token_of(view, waiter_index))
			text = "owns";
		break;
	case TAKT_SYNC_RWLOCK:
		if (state != TAKT_RWLOCK_NONE)
			text = state == TAKT_RWLOCK_READS    ? "reads"
			       : state == TAKT_RWLOCK_WRITES ? "writes"
							     : "waits to write";
		break;
	case TAKT_SYNC_BARRIER:
		if (state == arrival(view))
			text = "here";
		break;
	default:
		break;
	}
	(void)snprintf(holding.text, sizeof(holding.text), "%s", text);
	return holding;
}

/* How many places are in this state, and who the first of them is. */
static uint32_t count_in(const struct sync_view *view, uint32_t state, uint32_t *first)
{
	uint32_t count = 0;

	for (uint32_t i = TAKT_WAITER_COUNT_MAX; i-- > 0;) {
		if (token_of(view, i) == 0 || held_by(view, i) != state)
			continue;
		*first = i;
		count++;
	}
	return count;
}

static void describe_semaphore(const struct sync_view *view, struct sync_state *state)
{
	uint64_t held = 0;

	for (uint32_t i = 0; i < TAKT_WAITER_COUNT_MAX; i++)
		held += held_by(view, i);
	uint64_t there = view->copy.is_undone
				 ? view->copy.maximum - (held < view->copy.maximum ? held : view->copy.maximum)
				 : word_of(&view->copy.word);
	(void)snprintf(state->text, sizeof(state->text), "%llu of %u %s", (unsigned long long)there, view->copy.maximum,
		       view->copy.is_undone ? "free" : "counted");
	if (there == 0 && view->copy.is_undone)
		state->accent = OUTPUT_WARN;
}

static void describe_mutex(const struct sync_view *view, struct sync_state *state)
{
	uint64_t owner = owner_of(view);

	(void)snprintf(state->text, sizeof(state->text), owner ? "owned by a thread that is not attached" : "free");
	for (uint32_t i = 0; owner && i < TAKT_WAITER_COUNT_MAX; i++) {
		if (token_of(view, i) != owner)
			continue;
		int is_dead = sync_view_life(view, i) == TAKT_OS_DEAD;
		(void)snprintf(state->text, sizeof(state->text), "owned by %s%s", sync_view_thread(view, i).text,
			       is_dead ? ", which is dead" : "");
		state->accent = is_dead ? OUTPUT_BAD : OUTPUT_PLAIN;
	}
}

static void describe_rwlock(const struct sync_view *view, struct sync_state *state)
{
	uint32_t first = 0;
	uint32_t readers = count_in(view, TAKT_RWLOCK_READS, &first);
	const char *repair = word_of(&view->copy.word) ? "; a writer died, not repaired" : "";

	if (*repair)
		state->accent = OUTPUT_BAD;
	if (count_in(view, TAKT_RWLOCK_WRITES, &first))
		(void)snprintf(state->text, sizeof(state->text), "%s writes%s", sync_view_thread(view, first).text,
			       repair);
	else if (readers)
		(void)snprintf(state->text, sizeof(state->text), "%u read%s%s", readers, readers == 1 ? "s" : "",
			       repair);
	else
		(void)snprintf(state->text, sizeof(state->text), "free%s", repair);
}

static void describe_events(const struct sync_view *view, struct sync_state *state)
{
	uint32_t bits = (uint32_t)word_of(&view->copy.word);
	size_t used = (size_t)snprintf(state->text, sizeof(state->text), bits ? "set:" : "none set");

	for (uint32_t i = 0; i < 32; i++)
		if (bits >> i & 1 && used < sizeof(state->text))
			used += (size_t)snprintf(state->text + used, sizeof(state->text) - used, " %u", i);
}

static void describe_barrier(const struct sync_view *view, struct sync_state *state)
{
	uint32_t first = 0;
	uint64_t word = word_of(&view->copy.word);
	uint32_t members = 0;

	for (uint32_t i = 0; i < TAKT_WAITER_COUNT_MAX; i++)
		members += token_of(view, i) != 0;
	(void)snprintf(state->text, sizeof(state->text), "%u of %u here, %u attached; %u rounds%s",
		       count_in(view, arrival(view), &first), view->copy.maximum, members, (uint32_t)word,
		       word >> 32 & 1 ? ", the last one broken" : "");
	if (word >> 32 & 1)
		state->accent = OUTPUT_WARN;
}

struct sync_state sync_view_state(const struct sync_view *view)
{
	struct sync_state state = {.text = "?", .accent = OUTPUT_PLAIN};

	switch (view->copy.kind) {
	case TAKT_SYNC_SEMAPHORE:
		describe_semaphore(view, &state);
		break;
	case TAKT_SYNC_MUTEX:
		describe_mutex(view, &state);
		break;
	case TAKT_SYNC_RWLOCK:
		describe_rwlock(view, &state);
		break;
	case TAKT_SYNC_EVENTS:
		describe_events(view, &state);
		break;
	case TAKT_SYNC_BARRIER:
		describe_barrier(view, &state);
		break;
	default:
		state.accent = OUTPUT_BAD;
		break;
	}
	return state;
}
