/* SPDX-License-Identifier: Apache-2.0 */
/* Atomic members of handles that a C++ program may declare too. C++ never touches them; it only needs their size. */
#ifndef TAKT_CORE_ATOMIC_H
#define TAKT_CORE_ATOMIC_H

#ifdef __cplusplus
#define TAKT_ATOMIC(type) type
#else
#define TAKT_ATOMIC(type) _Atomic type
_Static_assert(sizeof(_Atomic unsigned long long) == sizeof(unsigned long long), "C and C++ agree on a handle's size");
_Static_assert(sizeof(_Atomic unsigned int) == sizeof(unsigned int), "C and C++ agree on a handle's size");
#endif

#endif
