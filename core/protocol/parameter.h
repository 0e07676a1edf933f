/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What loop and command thread say to each other about parameters beside liburcu: that there is a loop, and which set it has begun a
 * cycle with. The grace periods themselves are liburcu's and stand in core/parameter.c.
 */
#ifndef TAKT_CORE_PROTOCOL_PARAMETER_H
#define TAKT_CORE_PROTOCOL_PARAMETER_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/parameter.h"

/* ------------------------------------------------------------------------------------------------------ the loop */

/* Behind its registration with liburcu, and outside a cycle. */
static inline void takt_parameters_set_registered(struct takt_parameters *parameters)
{
	/* Q1 release: registered before the command thread begins to wait for this loop. Pairs with Q2. */
	atomic_store_explicit(&parameters->loop_is_registered, 1, memory_order_release);
}

static inline void takt_parameters_set_unregistered(struct takt_parameters *parameters)
{
	/* Q1 release: our reads of a set before the command thread writes into it without asking. Pairs with Q2. */
	atomic_store_explicit(&parameters->loop_is_registered, 0, memory_order_release);
}

/* In a cycle that has just taken `in_use`: tells which set that is. */
static inline void takt_parameters_set_applied(struct takt_parameters *parameters)
{
	/* Q3 acquire fence: the pointer before its generation. Pairs with liburcu's release in rcu_set_pointer. Without it an
	 * older generation could be read, and a change be reported late. */
	atomic_thread_fence(memory_order_acquire);
	uint64_t generation = parameters->set_generation[parameters->in_use == parameters->sets[1]];
	/* Q4 release: our reads of older sets before "applied". Pairs with Q5. Without it the command thread could fill a set
	 * that a cycle still reads. */
	atomic_store_explicit(&parameters->applied_generation, generation, memory_order_release);
}

/* -------------------------------------------------------------------------------------------- the command thread */

static inline int takt_parameters_loop_runs(const struct takt_parameters *parameters)
{
	/* Q2 acquire: pairs with Q1. */
	return (int)atomic_load_explicit(&parameters->loop_is_registered, memory_order_acquire);
}

static inline uint64_t takt_parameters_applied(const struct takt_parameters *parameters)
{
	/* Q5 acquire: pairs with Q4: the loop's reads of an older set before we write into it. */
	return atomic_load_explicit(&parameters->applied_generation, memory_order_acquire);
}

/* 1 when no cycle can hold the set that is not the newest, without a grace period: there is no loop, or it has begun a cycle with the
 * newest. */
static inline int takt_parameters_are_free(const struct takt_parameters *parameters)
{
	/* Q6 seq_cst fence: the newest pointer before the look whether a loop runs. Pairs with liburcu's full fence when a loop
	 * comes online, which stands between Q1 and its look at the pointer: of two sides that store and then load, one at
	 * least sees the other. Without it we could see no loop while it takes the set that we are about to fill. */
	atomic_thread_fence(memory_order_seq_cst);
	return !takt_parameters_loop_runs(parameters) || takt_parameters_applied(parameters) >= parameters->generation;
}

#endif
