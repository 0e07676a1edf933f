/* SPDX-License-Identifier: Apache-2.0 */
/* `takt sync ...`: looks at a domain's synchronisation objects. */
#ifndef APPS_TAKT_SYNC_H
#define APPS_TAKT_SYNC_H

#include "apps/takt/node_view.h"
#include "apps/takt/options.h"
#include "core/domain.h"
#include "core/layout.h"
#include "platform/presence.h"
#include "platform/shm.h"

extern const struct command sync_command; /* the group */
extern const struct command sync_list_command;
extern const struct command sync_info_command;

/* The objects of a domain by name, sorted. */
struct sync_list {
	char names[TAKT_SYNC_COUNT_MAX][TAKT_NAME_BYTES];
	uint32_t count;
};

/* @retval 0, or 1 when the domain's folder cannot be read, with a message */
int sync_list_read(struct sync_list *list, const struct takt_domain *domain);

#define SYNC_STATE_BYTES  128
#define SYNC_HOLDER_BYTES (TAKT_NAME_BYTES + 8)

/* One object as it is now: copied, so that nothing changes while it is shown. */
struct sync_view {
	char name[TAKT_NAME_BYTES];
	struct takt_sync_shm copy;
	const struct takt_domain *domain;
	struct takt_os_presence
		presence; /* closed where this user may not read it: whether holders live is then not known */
};

/* @retval TAKT_OK, then to be closed; others as takt_os_shm_open, with a message but for TAKT_ABSENT */
enum takt_status sync_view_open(struct sync_view *view, const struct takt_domain *domain, const char *name);
void sync_view_close(struct sync_view *view);

/* "1 of 2 free", "round 7, 1 of 3 here", ... */
struct sync_state {
	char text[SYNC_STATE_BYTES];
	enum output_accent accent;
};
struct sync_state sync_view_state(const struct sync_view *view);

/* "controller", or "controller/1" for the second waiter of a node. */
struct sync_thread {
	char text[SYNC_HOLDER_BYTES];
};
struct sync_thread sync_view_thread(const struct sync_view *view, uint32_t waiter_index);

/* What the thread has of it: "reads", "2 units", "here", "owns", "attached"; "" for a place that nobody has. */
struct sync_state sync_view_holding(const struct sync_view *view, uint32_t waiter_index);
/* Does who has this place live? */
enum takt_os_life sync_view_life(const struct sync_view *view, uint32_t waiter_index);
/* 1 when the thread sleeps until the object changes. */
int sync_view_waits(const struct sync_view *view, uint32_t waiter_index);

#endif
