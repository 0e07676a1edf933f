/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mailbox: one command of a node's own on its way from the command thread to the loop, and the answer back. Its state is the
 * truth; `mail_waits` is what a loop without mail looks at, and says only that a look at the state is worth while.
 *
 * Sleeping and waking is the callers'. No system call and no hook is in this file.
 */
#ifndef TAKT_CORE_PROTOCOL_MAILBOX_H
#define TAKT_CORE_PROTOCOL_MAILBOX_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/node.h"

enum takt_mail_state { TAKT_MAIL_IDLE = 0, TAKT_MAIL_POSTED = 1, TAKT_MAIL_RUNNING = 2, TAKT_MAIL_DONE = 3 };

/* ------------------------------------------------------------------------------------------- the command thread */

static inline uint32_t takt_mail_state(const struct takt_node *node)
{
	/* M4 acquire: the word before the answer, and before we write the next command over it. Pairs with M3. Without it half an
	 * answer is sent. */
	return atomic_load_explicit(&node->mailbox.state, memory_order_acquire);
}

/* The command stands in the mailbox: offers it. Only while nothing runs. */
static inline void takt_mail_post(struct takt_node *node)
{
	/* M1 release: the command before the word that offers it. Pairs with M2. Without it the loop runs half a command. */
	atomic_store_explicit(&node->mailbox.state, TAKT_MAIL_POSTED, memory_order_release);
	/* M5 release: the state before the word that says to look at it. Pairs with M6 and W4. Without it a loop that takes this
	 * word could still see the state before, and would leave the command lying. */
	atomic_store_explicit(&node->mail_waits, 1, memory_order_release);
}

/* Takes it back. @retval 1 the loop had not taken it, and never will */
static inline int takt_mail_withdraw(struct takt_node *node)
{
	uint32_t posted = TAKT_MAIL_POSTED;
	/* M4, when it fails: the answer may be there by now. */
	if (!atomic_compare_exchange_strong_explicit(&node->mailbox.state, &posted, TAKT_MAIL_IDLE,
						     memory_order_acquire, memory_order_acquire))
		return 0;
	/* Relaxed: one too many costs the loop one look. */
	atomic_store_explicit(&node->mail_waits, 0, memory_order_relaxed);
	return 1;
}

/* The answer has been read. Relaxed: the next command is offered by M1. */
static inline void takt_mail_clear(struct takt_node *node)
{
	atomic_store_explicit(&node->mailbox.state, TAKT_MAIL_IDLE, memory_order_relaxed);
}

/* ------------------------------------------------------------------------------------------------------ the loop */

/* 1 when the loop should call takt_mail_take. */
static inline int takt_mail_waits(const struct takt_node *node)
{
	/* W4 acquire: a command before its contents. Pairs with M5. */
	return atomic_load_explicit(&node->mail_waits, memory_order_acquire) != 0;
}

/* @retval 1 a command is there, and is the loop's until takt_mail_answer */
static inline int takt_mail_take(struct takt_node *node)
{
	uint32_t posted = TAKT_MAIL_POSTED;
	/* Relaxed: a look that is too early finds nothing, and the next cycle looks again. */
	if (!atomic_load_explicit(&node->mail_waits, memory_order_relaxed))
		return 0;
	/* M6 acquire exchange: the word before the state. Pairs with M5. A plain store of 0 could wipe out the word of a command
	 * whose state we do not see yet, and it would wait until its sender gives up. */
	if (!atomic_exchange_explicit(&node->mail_waits, 0, memory_order_acquire))
		return 0;
	/* M2 acquire: the state before the command. Pairs with M1. Not M6's work: the command may have been taken back, and
	 * another one offered, since. Without it the loop runs half a command. Relaxed on failure: there is none. */
	return atomic_compare_exchange_strong_explicit(&node->mailbox.state, &posted, TAKT_MAIL_RUNNING,
						       memory_order_acquire, memory_order_relaxed);
}

static inline void takt_mail_answer(struct takt_node *node)
{
	/* M3 release: the answer before the word that says it is there. Pairs with M4. */
	atomic_store_explicit(&node->mailbox.state, TAKT_MAIL_DONE, memory_order_release);
}

#endif
