/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler calls before each access under -fsanitize=thread, in place of its own runtime: an access to the arena is a
 * point. Private memory is none: nobody else sees it. Execution is sequentially consistent, so orders and fences say nothing here;
 * weak memory is for the model checkers.
 */
#include <stdint.h>

#include "tests/schedule/machine.h"

#define DECLARE(result, name, ...)                                                                                     \
	result name(__VA_ARGS__);                                                                                      \
	result name(__VA_ARGS__)

static inline void touch(const volatile void *address, enum point point)
{
	const void *plain = (const void *)(uintptr_t)address;

	if ((uintptr_t)plain - (uintptr_t)machine_arena < MACHINE_ARENA_BYTES)
		machine_point(plain, point);
}

#define PLAIN(bytes)                                                                                                   \
	DECLARE(void, __tsan_read##bytes, const void *at)                                                              \
	{                                                                                                              \
		touch(at, POINT_LOAD);                                                                                 \
	}                                                                                                              \
	DECLARE(void, __tsan_write##bytes, const void *at)                                                             \
	{                                                                                                              \
		touch(at, POINT_STORE);                                                                                \
	}                                                                                                              \
	DECLARE(void, __tsan_unaligned_read##bytes, const void *at)                                                    \
	{                                                                                                              \
		touch(at, POINT_LOAD);                                                                                 \
	}                                                                                                              \
	DECLARE(void, __tsan_unaligned_write##bytes, const void *at)                                                   \
	{                                                                                                              \
		touch(at, POINT_STORE);                                                                                \
	}
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

DECLARE(void, __tsan_read_range, const void *at, uintptr_t bytes)
{
	(void)bytes;
	touch(at, POINT_LOAD);
}

DECLARE(void, __tsan_write_range, const void *at, uintptr_t bytes)
{
	(void)bytes;
	touch(at, POINT_STORE);
}

#define CHANGE(bits, type, what)                                                                                       \
	DECLARE(type, __tsan_atomic##bits##_##what, volatile type *at, type value, int order)                          \
	{                                                                                                              \
		(void)order;                                                                                           \
		touch(at, POINT_EXCHANGE);                                                                             \
		return __atomic_##what(at, value, __ATOMIC_SEQ_CST);                                                   \
	}

#define ATOMIC(bits, type)                                                                                             \
	DECLARE(type, __tsan_atomic##bits##_load, const volatile type *at, int order)                                  \
	{                                                                                                              \
		(void)order;                                                                                           \
		touch(at, POINT_LOAD);                                                                                 \
		return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                                          \
	}                                                                                                              \
	DECLARE(void, __tsan_atomic##bits##_store, volatile type *at, type value, int order)                           \
	{                                                                                                              \
		(void)order;                                                                                           \
		touch(at, POINT_STORE);                                                                                \
		__atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                                         \
	}                                                                                                              \
	DECLARE(type, __tsan_atomic##bits##_exchange, volatile type *at, type value, int order)                        \
	{                                                                                                              \
		(void)order;                                                                                           \
		touch(at, POINT_EXCHANGE);                                                                             \
		return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                                               \
	}                                                                                                              \
	CHANGE(bits, type, fetch_add)                                                                                  \
	CHANGE(bits, type, fetch_sub)                                                                                  \
	CHANGE(bits, type, fetch_or)                                                                                   \
	CHANGE(bits, type, fetch_and)                                                                                  \
	CHANGE(bits, type, fetch_xor)                                                                                  \
	DECLARE(int, __tsan_atomic##bits##_compare_exchange_strong, volatile type *at, type *expected, type value,     \
		int order, int order_failed)                                                                           \
	{                                                                                                              \
		(void)order;                                                                                           \
		(void)order_failed;                                                                                    \
		touch(at, POINT_EXCHANGE);                                                                             \
		return __atomic_compare_exchange_n(at, expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);        \
	}
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)

DECLARE(void, __tsan_atomic_thread_fence, int order)
{
	(void)order;
}

DECLARE(void, __tsan_init, void)
{
}
DECLARE(void, __tsan_func_entry, const void *caller)
{
	(void)caller;
}
DECLARE(void, __tsan_func_exit, void)
{
}
