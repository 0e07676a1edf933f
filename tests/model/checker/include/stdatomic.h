/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C11's <stdatomic.h> for the checker: every atomic access is a call. An atomic object is a plain one here; its values live in the
 * checker, under its address. Compiled with -D_Atomic= . Only what takt uses: every access names its order.
 */
#ifndef TAKT_TESTS_MODEL_STDATOMIC_H
#define TAKT_TESTS_MODEL_STDATOMIC_H

#include <stdint.h>

#define ATOMIC_LLONG_LOCK_FREE 2
#define ATOMIC_INT_LOCK_FREE   2

typedef enum {
	memory_order_relaxed,
	memory_order_consume,
	memory_order_acquire,
	memory_order_release,
	memory_order_acq_rel,
	memory_order_seq_cst
} memory_order;

typedef struct {
	unsigned char is_set;
} atomic_flag; /* named by a header; nothing here uses it */

enum model_change { MODEL_EXCHANGE, MODEL_ADD, MODEL_OR, MODEL_AND };

uint64_t model_load(const volatile void *object, unsigned bytes, memory_order order);
void model_store(volatile void *object, unsigned bytes, uint64_t value, memory_order order);
uint64_t model_change(volatile void *object, unsigned bytes, enum model_change change, uint64_t operand,
		      memory_order order);
int model_compare_exchange(volatile void *object, unsigned bytes, void *expected, uint64_t desired,
			   memory_order success, memory_order failure);
void model_fence(memory_order order);

#define MODEL_VALUE(object, call) ((__typeof__(*(object) + 0))(call))

#define atomic_load_explicit(object, order)	    MODEL_VALUE(object, model_load(object, sizeof(*(object)), order))
#define atomic_store_explicit(object, value, order) model_store(object, sizeof(*(object)), (uint64_t)(value), order)
#define atomic_exchange_explicit(object, value, order)                                                                 \
	MODEL_VALUE(object, model_change(object, sizeof(*(object)), MODEL_EXCHANGE, (uint64_t)(value), order))
#define atomic_fetch_add_explicit(object, value, order)                                                                \
	MODEL_VALUE(object, model_change(object, sizeof(*(object)), MODEL_ADD, (uint64_t)(value), order))
#define atomic_fetch_or_explicit(object, value, order)                                                                 \
	MODEL_VALUE(object, model_change(object, sizeof(*(object)), MODEL_OR, (uint64_t)(value), order))
#define atomic_fetch_and_explicit(object, value, order)                                                                \
	MODEL_VALUE(object, model_change(object, sizeof(*(object)), MODEL_AND, (uint64_t)(value), order))
#define atomic_compare_exchange_strong_explicit(object, expected, desired, success, failure)                           \
	model_compare_exchange(object, sizeof(*(object)), expected, (uint64_t)(desired), success, failure)
#define atomic_thread_fence(order) model_fence(order)

#endif
