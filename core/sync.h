/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the synchronisation objects of a domain have in common: a segment of their own, a lock that survives its owner, a place for
 * each thread that says what it holds, and the waiting mask. Each kind is a small module on top: core/semaphore.h, core/mutex.h,
 * core/rwlock.h, core/events.h, core/barrier.h. They are declared in the config under `syncs`, and nodes list them under `uses`.
 *
 * A handle belongs to one thread, the one whose waiter it was attached with. After a fork the child's handles answer TAKT_CLOSED.
 */
#ifndef TAKT_CORE_SYNC_H
#define TAKT_CORE_SYNC_H

#include <stdint.h>

#include "core/config.h"
#include "core/lock.h"
#include "core/node.h"
#include "core/waiter.h"
#include "platform/presence.h"
#include "platform/shm.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct takt_sync_shm;

/* A view of one object. Declare the handle that contains it static and zeroed. */
struct takt_sync {
	struct takt_node *node; /* NULL: not attached */
	struct takt_waiter *waiter;
	struct takt_sync_shm *shared;
	struct takt_lock lock;
	struct takt_os_presence presence;
	struct takt_os_shm segment;
	uint64_t token;
	uint64_t deadline_ns; /* of the wait that is under way; 0: it does not wait */
	uint64_t users;	      /* waiters that the config declares, and no others, are ever posted */
	uint32_t holder_index;
	uint32_t maximum;
	uint32_t is_undone;
	uint32_t has_complained;
	char name[TAKT_NAME_BYTES];
};

#ifdef __cplusplus
}
#endif
#endif
