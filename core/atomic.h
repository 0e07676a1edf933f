/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atomic members of handles that a C++ program may declare too. C++ never touches them; it only needs their size and their place,
 * and an atomic is aligned to its size even where a plain integer of that size is not.
 */
#ifndef TAKT_CORE_ATOMIC_H
#define TAKT_CORE_ATOMIC_H

#ifdef __cplusplus
#define TAKT_ATOMIC(type) alignas(sizeof(type)) type
#else
#define TAKT_ATOMIC(type) _Atomic type
_Static_assert(sizeof(_Atomic unsigned long long) == 8 && _Alignof(_Atomic unsigned long long) == 8,
	       "C and C++ agree on a handle's size");
_Static_assert(sizeof(_Atomic unsigned int) == 4 && _Alignof(_Atomic unsigned int) == 4,
	       "C and C++ agree on a handle's size");
#endif

#endif
