/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mappings that survive the file behind them. Whoever may write a file may also shrink it, and the next access of everybody else is
 * SIGBUS. Here a handler finds the mapping in a fixed table and puts memory of this process's own in place of what was cut off.
 * The Linux port's own; the contract is in platform/shm.h.
 */
#ifndef TAKT_PLATFORM_LINUX_GUARD_H
#define TAKT_PLATFORM_LINUX_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "platform/status.h"

/* Mappings that a process can have at a time: every topic and node of the largest domain, and as much again. */
#define TAKT_PORT_GUARD_COUNT_MAX 2560u

/**
 * Guards a mapping from now on. @param guard its place in the table + 1
 * @retval TAKT_OK  @retval TAKT_LIMIT the table is full. Threads: any.
 */
TAKT_CHECKED enum takt_status takt_port_guard_add(void *address, size_t bytes, int protection, uint32_t *guard);

/* Before the mapping is given up. 0 is left alone. */
void takt_port_guard_remove(uint32_t guard);

/* 1 when something of it has been cut off. 0 is never. */
int takt_port_guard_is_cut(uint32_t guard);

#endif
