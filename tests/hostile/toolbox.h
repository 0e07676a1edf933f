/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of hostile_toolbox share. */
#ifndef TAKT_TEST_HOSTILE_TOOLBOX_H
#define TAKT_TEST_HOSTILE_TOOLBOX_H

#include "core/layout.h"
#include "core/takt.h"
#include "tests/hostile/hostile.h"

#define HELD_MAX 3u /* items that a consumer keeps in work */

/* One who takes and uses; two of them. */
struct user {
	struct takt_node node;
	struct takt_waiter waiter;
	struct takt_consumer consumers[2];
	struct takt_item held[2][HELD_MAX];
	uint32_t held_count[2];
	struct takt_semaphore units, wakes;
	struct takt_mutex gate;
	struct takt_rwlock table;
	struct takt_events flags;
	struct takt_barrier start;
};

extern struct takt_producer producers[2];
extern const char *const queue_names[2];

/* The kinds of calls. */
enum kind {
	PUSH,
	TAKE,
	TAKE_UNTIL,
	ACKNOWLEDGE,
	GIVE_BACK,
	SEM_WAIT,
	SEM_POST,
	MUTEX,
	RWLOCK,
	EVENTS,
	BARRIER,
	RW_UNLOCK,
	KIND_COUNT
};

/* Around each call. @retval begin: a deadline for it  @retval end: its status, which is one that its header lists */
uint64_t begin(enum kind kind);
enum takt_status end(enum kind kind, enum takt_status status);

/* The end of the run. */
void broken(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* A number below the bound. */
uint64_t draw(uint64_t bound);
/* One word becomes something else; and all is as it was. */
void mutate(void);
void heal(void);

/* toolbox_queue.c */
void push(void);
void take(struct user *user);
void finish(struct user *user);
uint64_t taken_count(void);

/* toolbox_sync.c */
void use_semaphores(struct user *user);
void use_mutex(struct user *user);
void use_rwlock(struct user *user);
void use_events(struct user *user);
void use_barrier(struct user *user);

#endif
